"""Where an installation's live data lie: one folder, chosen by one setting, outside the checkout.

<data>/soc.toml            what this installation chose (course folder, database URLs, address)
<data>/programme.sqlite    the people (unless soc.toml names another database)
<data>/cohorts/<cohort>/   one nbgrader course folder a cohort: cohort.toml, gradebook.db,
                           release/ submitted/ autograded/ feedback/, nbgrader_config.py
<data>/exchange/<cohort>/  nbgrader's exchange: outbound/ inbound/ feedback/
<data>/outbox/<cohort>/<student>/   what a student handed in and nobody has moved yet
<data>/homes/<student>/    a student's own files
<data>/hub/                the hub's state: database, cookie secret, logs. Mode 0700
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from programme.errors import ProgrammeError

CHECKOUT = Path(__file__).resolve().parent.parent
DATA_VARIABLE = "SOC_DATA"
LANGUAGES = ("en", "km")
_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")


class SiteError(ProgrammeError):
    """The data folder or a cohort in it is missing, or its settings can't be read."""


@dataclass(frozen=True)
class Cohort:
    """One cohort or club: one nbgrader course, in one language."""

    name: str
    root: Path
    exchange: Path
    language: str
    gradebook_url: str
    grade_arrivals_since: datetime | None = None  # what arrives from then on is graded at once
    kind: str = "ambassador"  # or "club", whose sessions stand in its own folder

    @property
    def inbound(self) -> Path:
        """Where nbgrader's collect looks for what students handed in."""
        return self.exchange / self.name / "inbound"

    @property
    def outbound(self) -> Path:
        """Where nbgrader's release puts a week, and students fetch it from."""
        return self.exchange / self.name / "outbound"


@dataclass(frozen=True)
class Site:
    """One installation. Paths are absolute."""

    root: Path
    course: Path
    programme_url: str
    gradebook_url: str
    public_url: str = ""  # where people outside reach the hub: https://learn.example.org

    @classmethod
    def open(cls, root: Path | None = None) -> Site:
        """Read the site at `root`, by default the folder that SOC_DATA names.

        Raises SiteError when there is none or soc.toml is broken.
        """
        if root is None:
            named = os.environ.get(DATA_VARIABLE)
            if not named:
                raise SiteError(
                    f"No data folder is chosen. Set {DATA_VARIABLE}=/path/to/data, or pass --data."
                )
            root = Path(named)
        root = root.expanduser().resolve()
        settings_file = root / "soc.toml"
        if not settings_file.is_file():
            raise SiteError(f"{root} is not a data folder: soc.toml is missing. Run `soc init`.")
        try:
            settings = tomllib.loads(settings_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SiteError(f"{settings_file} can't be read: {error}") from error
        return cls(
            root=root,
            course=Path(settings.get("course", CHECKOUT / "course")),
            programme_url=settings.get("programme_url", f"sqlite:///{root}/programme.sqlite"),
            gradebook_url=settings.get(
                "gradebook_url", f"sqlite:///{root}/cohorts/{{cohort}}/gradebook.db"
            ),
            public_url=settings.get("public_url", "").rstrip("/"),
        )

    @property
    def exchange(self) -> Path:
        """nbgrader's exchange root: a folder a course below it."""
        return self.root / "exchange"

    def cohort(self, name: str) -> Cohort:
        """The cohort `name`. Raises SiteError when it is unknown, and names those that are."""
        folder = self.root / "cohorts" / name
        if not _NAME.fullmatch(name) or not (folder / "cohort.toml").is_file():
            known = ", ".join(self.cohort_names()) or "none yet; `soc cohort add` makes one"
            raise SiteError(f"There is no cohort {name!r} in {self.root}. Known: {known}.")
        chosen = tomllib.loads((folder / "cohort.toml").read_text(encoding="utf-8"))
        return Cohort(
            name=name,
            root=folder,
            exchange=self.exchange,
            language=chosen.get("language", "en"),
            gradebook_url=self.gradebook_url.format(cohort=name),
            grade_arrivals_since=chosen.get("grade_arrivals_since"),
            kind=chosen.get("kind", "ambassador"),
        )

    def cohort_names(self) -> list[str]:
        """Names of all cohorts, sorted."""
        return sorted(path.parent.name for path in self.root.glob("cohorts/*/cohort.toml"))
