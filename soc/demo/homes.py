"""What a demo student finds at home: her work and her receipts, as the hub leaves them."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict

from hub import desks
from hub.mover import Receipt
from programme.site import Cohort, Site

_CACHE = ".local/share/jupyter/nbgrader_cache"  # where nbgrader's submit keeps what was sent
_NOT_HERS = ("timestamp.txt", "submission_secret.txt")


def furnish(site: Site, cohort: Cohort, student: str) -> None:
    """Fill her home from what stands under her name in the exchange, oldest first."""
    home = site.root / "homes" / student
    home.mkdir(mode=0o700, parents=True)
    for folder in sorted(cohort.inbound.glob(f"{student}+*+*")):
        _, week, stamp, suffix = folder.name.split("+")
        shutil.copytree(folder, home / _CACHE / cohort.name / f"{student}+{week}+{stamp}")
        shutil.copytree(
            folder, home / week, ignore=shutil.ignore_patterns(*_NOT_HERS), dirs_exist_ok=True
        )
        receipt = Receipt("received", week, folder.name, stamp)
        place = desks.receipts(site, cohort.name, student) / f"{week}+{suffix}.json"
        place.write_text(json.dumps(asdict(receipt)), encoding="utf-8")
    desks.home(site, student)  # now it becomes hers: as root, with a uid of her own
