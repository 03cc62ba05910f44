"""What a student's server sees, whatever it runs on: folders of the data folder, and environment.

Rule: only what is named here. On one machine the folders are bound into her walls. Her pod on a
cluster has her home alone: there the exchange comes over HTTP (hub.exchange).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hub import desks
from hub.people import Person
from programme.course import CourseError
from programme.site import Site
from programme.taught import of_kind

EXCHANGE = "/exchange"


@dataclass(frozen=True)
class View:
    """Folders as pairs (path in the data folder, path as she sees it); `home` is among `write`."""

    home: str
    read: list[tuple[Path, str]]
    write: list[tuple[Path, str]]


def of(site: Site, person: Person) -> View:
    """The view of one person: her home, and her cohort's part of the exchange if she is in one.

    All folders exist.
    """
    name, home = person.username, f"/home/{person.username}"
    cohort = _cohort(person)
    read: list[tuple[Path, str]] = []
    write = [(desks.home(site, name), home)]
    if cohort:
        place = f"{EXCHANGE}/{cohort}"
        read.append((desks.outbound(site, cohort), f"{place}/outbound"))
        read.append((desks.feedback(site, cohort, name), f"{place}/feedback"))
        read.append((desks.receipts(site, cohort, name), f"{place}/receipts"))
        write.append((desks.outbox(site, cohort, name), f"{place}/inbound"))
    return View(home, read, write)


def environment(site: Site, person: Person) -> dict[str, str]:
    """What her server knows of her and of her cohort."""
    cohort = _cohort(person)
    chosen = site.cohort(cohort) if cohort else None
    language = chosen.language if chosen else "en"
    kind = chosen.kind if chosen else "ambassador"
    return {
        "SOC_COHORT": cohort,
        "SOC_NAME": person.name,
        "SOC_LANGUAGE": language,
        "SOC_EXCHANGE": EXCHANGE,
        "SOC_WEEKS": json.dumps(_titles(site, kind, language), ensure_ascii=False),
    }


def settings(school: str, home: str) -> dict[str, str]:
    """Where her server finds our packages (`school`) and its settings, and keeps hers."""
    return {
        "PYTHONPATH": school,
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_CONFIG_DIR": "/tmp/config",  # noqa: S108  # so that ~/.jupyter is not read
        "JUPYTER_CONFIG_PATH": f"{school}/hub/student/config",
        "JUPYTER_PATH": f"{school}/hub/student",
        "JUPYTER_RUNTIME_DIR": "/tmp/runtime",  # noqa: S108  # her own /tmp
        "JUPYTERLAB_SETTINGS_DIR": f"{home}/.jupyter/lab/user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": f"{home}/.jupyter/lab/workspaces",
    }


def _cohort(person: Person) -> str:
    """The one she studies in now; empty for who studies in none."""
    return person.studies[-1] if person.studies else ""


def _titles(site: Site, kind: str, language: str) -> dict[str, dict[str, str]]:
    """Each week's (or session's) title and question in the cohort's language, for the landing page.

    A broken course.toml costs the titles, not the class.
    """
    try:
        weeks = of_kind(site.course, kind).weeks
    except CourseError:
        return {}
    return {
        week.assignment: {
            "title": week.title.in_language(language),
            "question": week.question.in_language(language),
        }
        for week in weeks
    }
