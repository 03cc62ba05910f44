"""A student's server, half started once: it waits, and each fork of it becomes one student's.

A server that starts by itself works for two seconds and holds 125 MB; a fork of one that has
imported everything, read its settings and found its extensions shares all that. Rule: nothing in
this process is anybody's. It knows no secret, opens no file of the school and runs no code of a
student's; its children join the walls before they do anything else, and only then learn whose they
are.

A job on the channel (file descriptor 0) comes with the descriptors of `FDS`; the answer, the
server's process id or an error, goes to the last of them.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import socket
import warnings
from pathlib import Path
from typing import Any

from jupyter_core import paths
from jupyter_server.serverapp import ServerApp
from jupyterhub.singleuser.extension import JupyterHubSingleUser

from hub import join
from hub.student import forks, server

_KEPT = ("lab/extensions/", "static/favicons/", "static/notebook/")
FDS = ("log", "listener", "lifeline", "answer")
_SERVICES = (
    *("api", "config", "contents", "events", "kernels", "kernelspecs", "nbconvert"),
    *("security", "sessions"),
)
# What a server imports until its first page, a kernel until its first cell, a command of nbgrader:
# a module that is missing here is imported by every student anew.
_LIBRARIES = (
    *("jupyterhub.singleuser.extension", "notebook.app", "notebook_shim.nbserver"),
    *("jupyterlab.labapp", "jupyter_server.nbconvert.handlers", "jupyter_server.view.handlers"),
    *(f"jupyter_server.services.{name}.handlers" for name in _SERVICES),
    *("jupyter_server.kernelspecs.handlers", "jupyter_server.services.shutdown"),
    *("jinja2.ext", "jupyter_core.migrate", "tornado.platform.asyncio"),
    *("nbgrader.apps", "nbgrader.validator"),
    "nbgrader.server_extensions.validate_assignment.handlers",
    *("ipykernel.kernelapp", "ipykernel.debugger", "debugpy.server.api", "faulthandler", "pdb"),
    *("IPython.core.completer", "IPython.core.completerlib", "IPython.core.debugger"),
    *("IPython.core.oinspect", "IPython.extensions.storemagic", "psutil", "xmlrpc.server"),
    *("ipywidgets", "anywidget", "numpy", "pandas"),
)


class WaitingServerApp(ServerApp):
    """Jupyter's server, which waits between its settings and everything that is somebody's."""

    def init_ioloop(self) -> None:
        """Not yet: a loop holds descriptors, which forks would share."""

    def init_resources(self) -> None:
        """Wait. Returns in a fork, behind the walls of her whose server it now is."""
        _check_alone()
        gc.collect()
        gc.freeze()  # so that a collection in a child touches, and copies, none of this
        _become_a_server()
        server.settle()
        self.base_url = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
        # Scripts whose names hold their hashes, and icons: a second visit need not ask for news.
        self.static_immutable_cache = [f"{self.base_url}{place}" for place in _KEPT]
        super().init_ioloop()
        super().init_resources()

    def _bind_http_server_tcp(self) -> bool:
        """There is no network behind the walls: she is given a socket that the hub opened."""
        listener = socket.socket(fileno=int(os.environ["SOC_LISTEN_FD"]))
        listener.setblocking(False)
        listener.set_inheritable(False)
        self.http_server.add_socket(listener)
        return True


def main() -> None:
    """Wait for jobs; ends with the hub."""
    paths.SYSTEM_CONFIG_PATH.clear()  # behind the walls there is no /etc/jupyter of the machine's
    join.adopt_orphans()  # the servers: in a container nobody else may ever reap them
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _LIBRARIES:
            importlib.import_module(name)
    JupyterHubSingleUser.serverapp_class = WaitingServerApp
    JupyterHubSingleUser.launch_instance([])


def _check_alone() -> None:
    """Raises RuntimeError when a fork would lose a thread, or share an open file with others."""
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("A library started a thread: a fork would lose it.")
    opened = []
    for fd in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of this list itself
            opened += [fd.readlink()] if int(fd.name) > 2 else []
    if opened:
        raise RuntimeError(f"A library opened {opened}: all students' servers would share it.")


def _become_a_server() -> None:
    channel = socket.socket(fileno=os.dup(0))
    job, fds = forks.serve(channel, FDS)
    _join_walls(job["walls_pid"], fds["answer"])
    os.setsid()
    os.close(fds["answer"])
    join.give_up_rights(job["uid"])
    os.umask(0o022)
    os.chdir(job["home"])
    env = job["env"] | {"SOC_LISTEN_FD": str(fds["listener"])}
    forks.settle(fds["log"], fds["log"], env, ["hub.student.server"])


def _join_walls(walls_pid: int, answer: int) -> None:
    """Return behind the walls. Only a child is born into joined process ids: hence the fork here,
    whose parent still knows what its child is called outside."""
    said: dict[str, Any] = {}
    try:
        join.enter(walls_pid)
        said["pid"] = os.fork()
    except OSError as error:
        said["error"] = str(error)
    if said.get("pid") != 0:
        os.write(answer, json.dumps(said).encode())
        os._exit(0)


if __name__ == "__main__":
    main()
