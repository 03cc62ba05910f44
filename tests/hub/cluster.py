"""A small Kubernetes for tests: the part of the API that KubeSpawner uses, on loopback.

It checks each pod against Kubernetes' own schema, then runs the pod's command on this machine
behind walls that show what the pod mounts: the claim's sub-paths from a folder, memory for the
rest. It is no cluster: no images, no network policy, no limits but the walls.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kubernetes_validate
from tornado import iostream, web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from hub import pods, sandbox
from programme.site import CHECKOUT

VERSION = "1.33"
NAMESPACE = "school"


@dataclass
class Cluster:
    """What has been asked for, and what runs."""

    data: Path
    url: str = ""
    made: list[dict[str, Any]] = field(default_factory=list)
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    watchers: list[asyncio.Queue[dict[str, Any]]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The resource version: how much has happened."""
        return len(self.told)

    def create(self, pod: dict[str, Any]) -> dict[str, Any]:
        """Check the pod, run it, and say that it runs."""
        kubernetes_validate.validate(pod, VERSION, strict=True)
        name = pod["metadata"]["name"]
        self.made.append(pod)
        self.running[name] = _run(pod, self.data)
        started = {"running": {"startedAt": "2026-01-05T08:00:00Z"}}
        pod = pod | {
            "status": {
                "phase": "Running",
                "podIP": "127.0.0.1",
                "containerStatuses": [
                    {"name": "notebook", "ready": True, "restartCount": 0, "state": started,
                     "image": "", "imageID": ""}
                ],
            }
        }  # fmt: skip
        self.pods[name] = pod
        self.tell("ADDED", pod)
        return pod

    def delete(self, name: str) -> dict[str, Any]:
        """End the pod."""
        pod = self.pods.pop(name)
        process = self.running.pop(name)
        process.kill()
        process.wait()
        self.tell("DELETED", pod)
        return pod

    def tell(self, kind: str, pod: dict[str, Any]) -> None:
        """Let those who watch know."""
        pod["metadata"] |= {
            "resourceVersion": str(self.version + 1), "namespace": NAMESPACE,
            "uid": f"of-{pod['metadata']['name']}",
        }  # fmt: skip
        self.told.append({"type": kind, "object": pod})
        for queue in self.watchers:
            queue.put_nowait(self.told[-1])


def _run(pod: dict[str, Any], data: Path) -> subprocess.Popen[bytes]:
    """The pod's container, as far as one machine can be a node."""
    container = pod["spec"]["containers"][0]
    read = [
        (CHECKOUT / "widgets", f"{pods.SCHOOL}/widgets"),
        (CHECKOUT / "hub" / "__init__.py", f"{pods.SCHOOL}/hub/__init__.py"),
        (CHECKOUT / "hub" / "student", f"{pods.SCHOOL}/hub/student"),
    ]
    write, scratch = [], []
    memory = {v["name"] for v in pod["spec"]["volumes"] if "emptyDir" in v}
    for mount in container["volumeMounts"]:
        if mount["name"] in memory:
            if mount["name"] != "tmp":  # the walls have one
                scratch.append(mount["mountPath"])
            continue
        pair = (data / mount["subPath"], mount["mountPath"])
        (read if mount.get("readOnly") else write).append(pair)
    uid = write[0][0].stat().st_uid
    walls = sandbox.Walls(
        home=container["workingDir"], uid=uid, read=read, write=write, scratch=scratch,
        network=True, die_with_parent=True,
    )  # fmt: skip
    env = {one["name"]: one.get("value", "") for one in container["env"]}
    env["PATH"] = os.environ["PATH"]
    inner = [sys.executable, *container["args"][1:]]  # the image's `python` is this one
    return subprocess.Popen(sandbox.command(walls, inner), env=env)


class _Pods(web.RequestHandler):
    def initialize(self, cluster: Cluster) -> None:
        self.cluster = cluster

    async def get(self, kind: str) -> None:
        if self.get_argument("watch", "").lower() != "true":
            items = list(self.cluster.pods.values()) if kind == "pods" else []
            self.finish({"kind": "List", "items": items,
                         "metadata": {"resourceVersion": str(self.cluster.version)}})  # fmt: skip
            return
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        if kind == "pods":
            for event in self.cluster.told[int(self.get_argument("resourceVersion", "0")) :]:
                queue.put_nowait(event)
            self.cluster.watchers.append(queue)
        with contextlib.suppress(iostream.StreamClosedError, asyncio.CancelledError):
            await self.flush()  # the head of the answer at once, as a cluster does
            while True:
                self.write(json.dumps(await queue.get()) + "\n")
                await self.flush()

    def post(self, kind: str) -> None:
        self.set_status(201)
        self.finish(self.cluster.create(json.loads(self.request.body)))


class _Pod(web.RequestHandler):
    def initialize(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def get(self, name: str) -> None:
        if name not in self.cluster.pods:
            raise web.HTTPError(404)
        self.finish(self.cluster.pods[name])

    def delete(self, name: str) -> None:
        if name not in self.cluster.pods:
            raise web.HTTPError(404)
        self.finish(self.cluster.delete(name))


@contextmanager
def running(data: Path) -> Iterator[Cluster]:
    """A cluster whose one claim is the folder `data`."""
    cluster = Cluster(data)
    base = f"/api/v1/namespaces/{NAMESPACE}"
    app = web.Application([
        (rf"{base}/(pods|events)", _Pods, {"cluster": cluster}),
        (rf"{base}/pods/([a-z0-9-]+)", _Pod, {"cluster": cluster}),
    ])  # fmt: skip
    sockets = bind_sockets(0, "127.0.0.1")
    cluster.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    loop = asyncio.new_event_loop()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        server = HTTPServer(app)
        server.add_sockets(sockets)
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield cluster
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        for process in cluster.running.values():
            process.kill()
            process.wait()


def kubeconfig(cluster: Cluster, path: Path) -> Path:
    """A file that leads a Kubernetes client to the cluster."""
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": cluster.url}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "hub"}}],
        "users": [{"name": "hub", "user": {"token": "a-test"}}],
    }))  # fmt: skip
    return path
