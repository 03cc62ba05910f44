"""A student's server as a pod of a cluster: what is a wall on one machine is the pod's own here.

Rule: she sees her home, a sub-path of the claim that holds the data folder, and nothing else of it;
weeks, submissions and feedback go over HTTP (hub.exchange). The image is `student` of
deploy/kubernetes/Dockerfile: it has no course, no grader and no hub in it. Her pod has no right to
ask the cluster, no capability, and a file system that can't be written but for her home and a /tmp
in memory.
"""

from __future__ import annotations

import json
from typing import Any

from kubespawner import KubeSpawner
from traitlets import Integer, Unicode

from hub import desks, view
from hub.roster_spawner import MIB, RosterSpawner

SCHOOL = "/opt/school"  # where the image has our packages
_DATA = "data"  # the volume's name in the pod


class PodSpawner(RosterSpawner, KubeSpawner):
    """KubeSpawner with her home, and the way to the exchange."""

    claim = Unicode("school-data", help="The claim of the volume with the data.").tag(config=True)
    exchange_url = Unicode(help="The exchange, as her pod reaches it.").tag(config=True)
    tmp_mib = Integer(256, help="Her /tmp, which is memory too.").tag(config=True)

    async def get_pod_manifest(self) -> Any:
        """Her pod. Raises HTTPError 403 for a name that the roster doesn't know."""
        username = self._person().username
        self.working_dir, home = f"/home/{username}", desks.home(self.site, username)
        self.mem_limit = self.memory_mib * MIB
        self.volumes = [
            {"name": _DATA, "persistentVolumeClaim": {"claimName": self.claim}},
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": f"{self.tmp_mib}Mi"}},
        ]
        self.volume_mounts = [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
            {"name": _DATA, "mountPath": self.working_dir,
             "subPath": str(home.relative_to(self.site.root))},
        ]  # fmt: skip
        return await super().get_pod_manifest()

    def get_env(self) -> dict[str, str]:
        """What KubeSpawner gives, and what her server knows of her cohort."""
        env: dict[str, str] = super().get_env()
        own, home = view.environment(self.site, self._person()), f"/home/{self.user.name}"
        return env | own | view.settings(SCHOOL, home) | {
            "HOME": home,
            "SOC_EXCHANGE": f"{home}/.local/share/school/exchange",
            "SOC_EXCHANGE_URL": self.exchange_url,
            "USER": self.user.name,
            "SOC_LIMITS": json.dumps(self.file_limits()),  # processes: the kubelet's
        }  # fmt: skip


def closed() -> dict[str, Any]:
    """Settings of KubeSpawner that close a pod, whoever's it is."""
    return {
        "cmd": ["python", "-P", "-m", "hub.student.server"],
        "uid": 1000,
        "gid": 1000,
        "fs_gid": 1000,
        "allow_privilege_escalation": False,
        "automount_service_account_token": False,
        "container_security_context": {
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "services_enabled": False,  # no addresses of other services in her environment
        "storage_pvc_ensure": False,
        "delete_pvc": False,
    }
