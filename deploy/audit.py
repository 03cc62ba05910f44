"""Known holes in the locked packages: what pip-audit finds, and what could be looked up at all.

    python deploy/audit.py      exit code 1 when a package has a hole that is known

Rule: "nothing found" and "nobody could be asked" are two answers. Without the package index's data
pip-audit says the same for both; here the second one is said, and is no failure of the code.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
_WITHIN_S = 300

# Holes that can't be reached here: the id, and why. Each is looked at again when its package moves.
ACCEPTED: dict[str, str] = {}


def verdict(found: dict[str, Any]) -> tuple[int, str]:
    """(exit code, what to tell) for a report of pip-audit: its JSON, `{"dependencies": […]}`."""
    packages = found["dependencies"]
    asked = [package for package in packages if "vulns" in package]
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}"
        f" – mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for package in asked
        for hole in package["vulns"]
        if not {hole["id"], *hole.get("aliases", [])} & ACCEPTED.keys()
    ]
    if holes:
        return 1, "\n".join(["Known holes in what requirements.lock installs:", *holes])
    if not asked:
        return 0, f"NOT AUDITED: the index here has no data on any of {len(packages)} packages."
    return 0, f"No known hole in {len(asked)} of {len(packages)} locked packages."


def main() -> int:
    """Ask, tell, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", f"--requirement={_LOCK}", "--require-hashes",
               "--disable-pip", "--format=json", "--progress-spinner=off"]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
        code, words = verdict(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        code, words = 0, f"NOT AUDITED: the package index gave no answer within {_WITHIN_S} s."
    except ValueError:
        reason = done.stderr.strip().rpartition("\n")[2]
        code, words = 0, f"NOT AUDITED: {reason}"
    print(words)
    return code


if __name__ == "__main__":
    sys.exit(main())
