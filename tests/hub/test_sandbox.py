"""The walls by themselves: what a command behind them sees. No hub is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hub import sandbox
from hub.sandbox import Walls, command

_TMP = "/tmp"  # noqa: S108  # the private one behind the walls
_UID = 201_234 if os.geteuid() == 0 else os.geteuid()


def behind(code: str, **walls: object) -> str:
    line = command(Walls(home=_TMP, uid=_UID, **walls), [sys.executable, "-I", "-c", code])  # type: ignore[arg-type]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_this_machine_can_build_them() -> None:
    sandbox.check()


def test_gives_up_root_and_every_right() -> None:
    status = behind("print(open('/proc/self/status').read())")
    rights = dict(line.split(":\t") for line in status.splitlines() if line.startswith("Cap"))
    assert {int(value, 16) for name, value in rights.items() if name != "CapBnd"} == {0}
    assert behind("import os; print(os.getuid())") == str(_UID)


def test_sees_only_what_is_named(tmp_path: Path) -> None:
    for name in ("shown", "hidden", "written"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    if os.geteuid() == 0:
        os.chown(tmp_path / "written", _UID, _UID)
    seen = behind(
        "import os, pathlib as p\n"
        "print(os.listdir('/a'), p.Path('/a/b/file').read_text())\n"
        "p.Path('/home/x/new').write_text('hello')\n"
        f"print(os.path.exists({str(tmp_path)!r}), sorted(os.listdir('/home')))\n"
        "try: p.Path('/a/b/file').write_text('')\n"
        "except OSError as error: print(error.errno)\n",
        read=[(tmp_path / "shown", "/a/b")],
        write=[(tmp_path / "written", "/home/x")],
    )
    assert seen.splitlines() == ["['b'] shown", "False ['x']", "30"]
    assert (tmp_path / "written" / "new").read_text() == "hello"


def test_nothing_outside_its_folders_is_writable() -> None:
    code = (
        "import os\n"
        "for place in ('/', '/etc', '/usr', '/dev', '/home', '/opt', '/tmp', '/dev/shm'):\n"
        "    try:\n"
        "        open(os.path.join(place, 'x'), 'w'); print(place)\n"
        "    except OSError: pass\n"
    )
    assert behind(code).split() == [_TMP, "/dev/shm"]  # noqa: S108


def test_memory_folders_are_bounded() -> None:
    code = (
        "try:\n"
        "    with open('/dev/shm/x', 'wb') as file:\n"
        "        for _ in range(8): file.write(bytes(1 << 20))\n"
        "except OSError as error: print(error.errno)\n"
    )
    assert behind(code, tmp_bytes=4 << 20) == "28"


def test_no_network_and_no_other_process() -> None:
    code = (
        "import os, socket\n"
        "print([name for _, name in socket.if_nameindex()])\n"
        "print(len([p for p in os.listdir('/proc') if p.isdigit()]) <= 3)\n"
        "try: socket.create_connection(('1.1.1.1', 80), 2)\n"
        "except OSError as error: print(error.errno)\n"
    )
    assert behind(code).splitlines() == ["['lo']", "True", "101"]


def test_our_packages_are_not_there() -> None:
    code = (
        "import importlib.util as u\n"
        "print([n for n in ('hub', 'programme', 'autograder', 'soc', 'widgets') if u.find_spec(n)])"
    )
    assert behind(code) == "[]"


def test_data_inside_a_shown_folder_is_hidden(tmp_path: Path) -> None:
    inside = Path(sys.prefix) / "secret-data"
    assert sandbox.beneath_visible([inside, tmp_path]) == [inside]
