"""Starts the Python kernel so that a student's own files never stand in for a package.

Started by `python -P`: the working directory is not on the path at first, and comes last. A file of
hers called `widgets.py` or `random.py` can then be imported by nobody, not even by accident.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ipykernel.kernelapp import IPKernelApp


def main() -> None:
    """Start the kernel with the working directory last on the path."""
    sys.path.append(str(Path.cwd()))
    app = IPKernelApp.instance()
    app.ignore_cwd = True  # IPython would put '' first
    app.initialize()  # type: ignore[no-untyped-call]
    app.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
