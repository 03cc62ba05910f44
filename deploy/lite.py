"""Builds a JupyterLite site with the widgets: a lesson in a browser, with no server behind it.

`python deploy/lite.py SITE week01 …` in an environment with jupyterlite-core,
jupyterlite-pyodide-kernel, jupyter_server, jupyterlab_widgets and anywidget; npm brings Pyodide.
SITE is then a folder of static files for any web server. Rule: the page fetches nothing from
elsewhere, so each package that a lesson imports lies beside Pyodide and is named in its lock.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION, PYODIDE_VERSION

CHECKOUT = Path(__file__).resolve().parent.parent
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
FROM_THE_LOCK = ("micropip", "ipython", "jedi", "packaging", "typing-extensions")
ADDED = {"comm": (), "psygnal": (), "ipywidgets": ("comm", "ipython", "traitlets")}
ADDED |= {"anywidget": ("ipywidgets", "psygnal", "typing-extensions")}
SKIPPED = shutil.ignore_patterns("__pycache__", "*.po", ".ipynb_checkpoints")


def main() -> int:
    """Build the site; what npm, pip or jupyter lite said when one of them refuses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("weeks", nargs="*", help="folders of course/release")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lite-") as name:
        work = Path(name)
        try:
            furnish(work / "static" / "pyodide", work)
            files = work / "files"
            files.mkdir()
            for week in arguments.weeks:
                shutil.copytree(
                    CHECKOUT / "course" / "release" / week, files / week, ignore=SKIPPED
                )
            build(work, arguments.site.resolve())
        except subprocess.CalledProcessError as error:
            print(f"{error.cmd[0]} refused:\n{error.stderr}", file=sys.stderr)
            return 1
    print(f"Serve it: python -m http.server -d {arguments.site}, then open /notebooks/?path=…")
    return 0


def furnish(pyodide: Path, work: Path) -> None:
    """Put Pyodide, the wheels a lesson needs, and a lock that names them into `pyodide`."""
    pyodide.mkdir(parents=True)
    _run(["npm", "pack", "--silent", f"pyodide@{PYODIDE_VERSION}"], work)
    with tarfile.open(work / f"pyodide-{PYODIDE_VERSION}.tgz") as packed:
        packed.extractall(work, filter="data")
    for file in (work / "package").iterdir():
        if file.suffix in (".mjs", ".wasm", ".zip", ".json"):
            shutil.copy(file, pyodide)
    lock_file = pyodide / "pyodide-lock.json"
    lock = json.loads(lock_file.read_text(encoding="utf-8"))
    known = lock["packages"]
    needed = {name: known[name] for name in _with_what_they_need(FROM_THE_LOCK, known)}
    wanted = [f"{entry['name']}=={entry['version']}" for entry in needed.values()]
    pip = [*(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps")]
    pip += ["--only-binary=:all:", f"--python-version={PYODIDE_PYTHON_VERSION}"]
    pip += ["--platform=any", "--implementation=py", "--abi=none"]  # no machine code but Pyodide's
    _run([*pip, "--dest", str(pyodide), *wanted, *ADDED], work)
    for name, requires in ADDED.items():
        needed[name] = _entry(next(pyodide.glob(f"{name}-*.whl")), name, requires)
    ours = _wheel_of_the_widgets(pyodide)
    needed["widgets"] = _entry(ours, "widgets", ("anywidget", "ipywidgets"))
    for entry in needed.values():  # the registry's wheel is what is served
        entry["sha256"] = hashlib.sha256((pyodide / entry["file_name"]).read_bytes()).hexdigest()
    lock["packages"] = needed
    lock_file.write_text(json.dumps(lock), encoding="utf-8")


def build(work: Path, site: Path) -> None:
    """Let JupyterLite make the static site."""
    # Loaded with Pyodide: a cell with a magic in it is not searched for what it imports.
    settings = {
        KERNEL: {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": ["widgets"]}}
    }
    (work / "jupyter-lite.json").write_text(
        json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": {
            "litePluginSettings": settings
        }}),
        encoding="utf-8",
    )  # fmt: skip
    command = [*(sys.executable, "-m", "jupyterlite_core", "build"), "--lite-dir", str(work)]
    _run([*command, "--contents", str(work / "files"), "--output-dir", str(site)], work)


def _with_what_they_need(names: Iterable[str], known: dict[str, Any]) -> list[str]:
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in found:
            found.append(name)
            waiting += known[name]["depends"]
    return found


def _entry(wheel: Path, name: str, requires: Iterable[str]) -> dict[str, Any]:
    return {
        "name": name,
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "package_type": "package",
        "imports": [name],
        "depends": list(requires),
        "unvendored_tests": False,
    }


def _wheel_of_the_widgets(folder: Path) -> Path:
    """Only `widgets/`: the rest of the distribution belongs to servers."""
    wheel = folder / "widgets-1.0-py3-none-any.whl"
    about = "widgets-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted((CHECKOUT / "widgets").rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".po":
                packed.write(file, file.relative_to(CHECKOUT))
        packed.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: widgets\nVersion: 1.0\n")
        packed.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(f"{about}/RECORD", "")
    return wheel


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
