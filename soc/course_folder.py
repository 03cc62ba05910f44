"""A cohort as nbgrader sees it: its folder, its settings, and nbgrader's own API over both."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from programme.site import CHECKOUT, Cohort, Site
from programme.taught import course_of
from soc.authoring.week import week_names
from soc.errors import SocError
from soc.nbgrader_settings import SETTINGS, load_settings


def ensure_course_folder(cohort: Cohort) -> None:
    """Make the folder that `nbgrader` can be run in, and an empty gradebook. May run twice."""
    settings = cohort.root / SETTINGS
    if not settings.is_symlink() and not settings.exists():
        settings.symlink_to(CHECKOUT / SETTINGS)
    # nbgrader wants its exchange open to all; the data folder around it is closed to others.
    if not cohort.exchange.is_dir():
        cohort.exchange.mkdir()
        cohort.exchange.chmod(0o777)
    with _alembic_on_path(), Gradebook(cohort.gradebook_url, cohort.name):
        pass  # opening it makes the tables


def load_config(cohort: Cohort) -> Config:
    """nbgrader's settings for this cohort, the same that `nbgrader` in its folder reads."""
    return load_settings(cohort.root)


def nbgrader_api(config: Config) -> NbGraderAPI:
    """nbgrader's API with these settings."""
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def run(step: Callable[..., dict[str, Any]], *arguments: Any, **options: Any) -> str:
    """Run one step of nbgrader's API and return its log. Raises SocError with nbgrader's words."""
    result = step(*arguments, **options)
    if not result["success"]:
        raise SocError(_last_words(result))
    return str(result.get("log", ""))


def check_week(site: Site, cohort: Cohort, week: str) -> None:
    """Raise SocError when the cohort's course has no such week or session; name those there are."""
    if cohort.kind == "club":
        known = [one.assignment for one in course_of(site, cohort.name).weeks]
        if week not in known:
            raise SocError(f"A club has no {week!r}. Its sessions: {', '.join(known)}.")
        return
    known = week_names(site.course)
    if week not in known:
        written = ", ".join(known) or "none"
        raise SocError(
            f"There is no {week!r} in {site.course / 'source'}. Weeks that are written: {written}."
        )


def need_space(folder: Path, wanted_bytes: int) -> None:
    """Raise SocError before a step that would fill the disk: half-way is too late."""
    free = shutil.disk_usage(folder).free
    if free < wanted_bytes:
        raise SocError(
            f"{folder} has {free / 1e6:.0f} MB free and this needs {wanted_bytes / 1e6:.0f} MB. "
            "Nothing was changed. Free some space and run it again."
        )


@contextmanager
def _alembic_on_path() -> Iterator[None]:
    """nbgrader starts `alembic` by name, which is beside our Python and rarely on the PATH."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        yield
    finally:
        os.environ["PATH"] = path


def _last_words(result: dict[str, Any]) -> str:
    log = [line for line in str(result.get("log", "")).splitlines() if "ERROR" in line]
    trace = str(result.get("error", "")).strip().splitlines()
    return "\n".join(log or trace[-1:]) or "nbgrader stopped without saying why"
