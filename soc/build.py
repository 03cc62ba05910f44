"""Write course/release from course/source, as students of an English cohort receive it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from soc.authoring.week import week_names
from soc.course_folder import nbgrader_api, run
from soc.errors import SocError
from soc.nbgrader_settings import load_settings
from soc.output import Advance
from soc.release import same_files


@dataclass(frozen=True)
class Built:
    """One week. State: unchanged, written, or differs (when only checked)."""

    week: str
    state: str


def build_release(
    checkout: Path,
    weeks: list[str],
    *,
    check: bool = False,
    on_progress: Advance | None = None,
) -> list[Built]:
    """Generate `weeks` (all when empty) and put what changed into course/release.

    A week of release/ without a source is removed. Raises SocError for an unknown week.
    """
    course = checkout / "course"
    written = week_names(course)
    unknown = sorted(set(weeks) - set(written))
    if unknown:
        raise SocError(
            f"{course / 'source'} has no {', '.join(unknown)}. It has: {', '.join(written)}."
        )
    chosen = weeks or written
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        config = load_settings(checkout)
        config.CourseDirectory.release_directory = scratch
        api = nbgrader_api(config)
        for done, week in enumerate(chosen, start=1):
            run(api.generate_assignment, week, force=True, create=False)
            generated = Path(scratch) / week
            rows.append(_put(generated, course / "release" / week, check=check))
            if on_progress:
                on_progress(done, len(chosen), week)
    if not weeks and not check:
        for stale in (course / "release").glob("week*"):
            if stale.name not in written:
                shutil.rmtree(stale)
    return rows


def _put(generated: Path, place: Path, *, check: bool) -> Built:
    if place.is_dir() and same_files(generated, place):
        return Built(place.name, "unchanged")
    if check:
        return Built(place.name, "differs")
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(generated, place)
    return Built(place.name, "written")
