"""The systemd units: understood by systemd, started by verbs that exist, walls left possible."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from programme.site import CHECKOUT
from soc.cli import VERBS

UNITS = CHECKOUT / "deploy/systemd"
SERVICES = sorted(UNITS.glob("*.service"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_understands_them(tmp_path: Path) -> None:
    units = sorted([*UNITS.glob("*.service"), *UNITS.glob("*.timer")])
    for unit in units:
        here = unit.read_text().replace("/opt/school/.venv", sys.prefix)
        (tmp_path / unit.name).write_text(here)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in units)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: str(unit.stem))
def test_each_runs_a_verb_without_root(unit: Path) -> None:
    text = unit.read_text()
    verb = re.search(r"^ExecStart=\S+/soc (\S+)", text, re.MULTILINE)
    assert verb
    assert verb.group(1) in VERBS
    assert "\nUser=school\n" in text
    assert "\nEnvironmentFile=/etc/soc.env\n" in text


def test_every_setting_is_known() -> None:
    known = "".join(
        (CHECKOUT / file).read_text() for file in ("hub/settings.py", "soc/verbs/care.py")
    )
    names = re.findall(r"^#? ?(SOC_[A-Z_]+)=", (UNITS / "soc.env").read_text(), re.MULTILINE)
    assert "SOC_DATA" in names
    assert [name for name in names if name not in known] == []


@pytest.mark.parametrize("option", ["PrivateTmp", "ProtectProc", "ProtectKernelTunables",
                                    "RestrictNamespaces", "RestrictSUIDSGID"])  # fmt: skip
def test_the_hubs_unit_leaves_walls_possible(option: str) -> None:
    assert f"\n{option}=" not in (UNITS / "soc-hub.service").read_text()
