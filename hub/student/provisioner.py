"""Kernels are forked by the seed. Everything else of a kernel's life is Jupyter's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from hub.student import seed


class ForkProvisioner(LocalProvisioner):
    """Named in our kernel.json; takes its command, which must be `python … -m module …`."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel. Raises seed.SeedError when that can't be done."""
        _option, module, *arguments = cmd[cmd.index("-m") :]
        kernel = seed.fork(module, arguments, kwargs["env"], kwargs.get("cwd") or str(Path.cwd()))
        self.process = kernel  # type: ignore[assignment]  # it is what is used of a Popen
        self.pid = self.pgid = kernel.pid
        return self.connection_info
