"""The process that has imported everything once, and forks the students' servers.

A server that starts by itself imports for two seconds and holds 125 MB; a forked one shares both.
Rule: this process holds nothing but imported libraries. It knows no secret, opens no file of the
school and runs no code of a student's; its children join the walls before they do anything else.
Our own packages are not among the libraries: they lie elsewhere behind the walls.

A job on the channel (file descriptor 0) comes with the descriptors of `FDS`; the answer, the
server's process id or an error, goes to the last of them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

from hub import join
from hub.student import forks

FDS = ("log", "listener", "lifeline", "answer")
_SERVICES = (
    *("api", "config", "contents", "events", "kernels", "kernelspecs", "nbconvert"),
    *("security", "sessions"),
)
_OURS = ("hub", "programme", "widgets", "autograder", "soc")
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


def main() -> None:
    """Fork a server for each job; returns in such a server, and never in the zygote."""
    channel = socket.socket(fileno=os.dup(0))
    _import_libraries()
    join.adopt_orphans()  # the servers: in a container nobody else may ever reap them
    job, fds = forks.serve(channel, FDS)
    _join_walls(job["walls_pid"], fds["answer"])
    os.setsid()
    os.close(fds["answer"])
    join.give_up_rights(job["uid"])
    os.umask(0o022)
    os.chdir(job["home"])
    env = job["env"] | {"SOC_LISTEN_FD": str(fds["listener"])}
    forks.settle(fds["log"], fds["log"], env, job["argv"])
    sys.path.insert(0, env["PYTHONPATH"])


def _import_libraries() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _LIBRARIES:
            importlib.import_module(name)
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise RuntimeError("A library started a thread when it was imported: a fork would lose it.")
    _forget_our_packages()
    gc.collect()
    gc.freeze()  # so that a collection in a child touches, and copies, none of this


def _forget_our_packages() -> None:
    """So that a server imports `hub` from where it lies behind the walls, not from here.

    Before any fork: to free a thousand names in each child would copy ten megabytes.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    sys.path_importer_cache.clear()


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
    from hub.student import server  # hers, from behind the walls

    server.main()
