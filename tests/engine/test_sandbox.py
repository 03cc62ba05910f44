"""The sandbox's layers, and grading with fewer of them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import seccomp
from autograder.cells import Cell
from autograder.engine import Engine
from autograder.errors import SandboxTooWeak
from autograder.limits import Limits
from autograder.sandbox import LAYERS, Layers, Plan, probe
from autograder.scratch import Scratch

LOOK = (
    "import os, socket, subprocess\n"
    "found = []\n"
    "for path in ('/root', '/home', '/etc/shadow', {secret!r}):\n"
    "    read = open if os.path.isfile(path) else os.listdir\n"
    "    try: found.append(list(read(path)))\n"
    "    except OSError: pass\n"
    "try: found.append(socket.socket())\nexcept OSError: pass\n"
    "found"
)


def others_can_read_python() -> bool:
    folders = (Path(sys.base_prefix), *Path(sys.base_prefix).parents)
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


@pytest.mark.parametrize("namespaces", [True, False])
def test_nothing_outside_is_there(namespaces: bool, tmp_path: Path) -> None:
    if namespaces and "namespaces" not in probe().present:
        pytest.skip(probe().missing["namespaces"])
    if not namespaces and os.geteuid() == 0 and not others_can_read_python():
        pytest.skip("as root without namespaces, others must be able to read Python")
    secret = tmp_path / "secret"
    secret.write_text("canary")
    use = frozenset(LAYERS) if namespaces else frozenset(LAYERS) - {"namespaces"}
    engine = Engine(Plan(Limits(cell_timeout_s=5), use=use))
    try:
        ran = engine.run([Cell("student", LOOK.format(secret=str(secret)))])
    finally:
        engine.close()
    assert ran.outcomes[0].outputs[0]["data"]["text/plain"] == "[]"


def test_a_missing_layer_is_named() -> None:
    layers = Layers(frozenset({"rlimits"}), {"landlock": "the kernel has none", "seccomp": "no"})
    layers.check(["rlimits"])
    with pytest.raises(SandboxTooWeak, match="landlock: the kernel has none"):
        layers.check(["landlock", "rlimits"])


def test_a_layer_that_is_not_used_is_not_counted() -> None:
    """Whatever this machine offers: a floor that asks for a cgroup must refuse."""
    with pytest.raises(SandboxTooWeak, match="cgroup: "):
        probe().check(["cgroup"])


def test_the_filter_is_whole_instructions() -> None:
    program = seccomp.build_filter()
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096


def test_what_a_killed_grader_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    program = (
        "import os, signal, tempfile\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        "from autograder.scratch import Scratch\n"
        "print(Scratch().path)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-uc", program], check=False)
    (left,) = tmp_path.iterdir()
    theirs = tmp_path / "autograder-notes"
    theirs.mkdir()
    first, second = Scratch(), Scratch()
    assert set(tmp_path.iterdir()) == {first.path, second.path, theirs}
    assert left not in (first.path, second.path)
    first.remove()
    first.remove()
    second.remove()
    assert list(tmp_path.iterdir()) == [theirs]


def test_a_zygote_that_died_is_replaced() -> None:
    engine = Engine()
    try:
        first = engine.sandbox
        first._process.kill()
        first._process.wait()
        assert engine.run([Cell("student", "1")]).outcomes[0].status == "ok"
        assert engine.sandbox is not first
    finally:
        engine.close()
