"""Certificates, surveys, report and requests by a real hub; and log lines without names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from programme.pages import personal
from programme.personal import requests
from programme.schema import survey_answers
from programme.site import Site
from programme.store import reading
from tests.programme.school import COHORT, open_school
from tests.programme.small_hub import Visitor, small_hub

pytestmark = pytest.mark.hub
HOSTILE = '<script>alert("x")</script>'
LARGEST_PAGE_BYTES = 60_000


@pytest.fixture(scope="module")
def school(
    empty_gradebook: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, dict[str, str], str, Path]]:
    folder = tmp_path_factory.mktemp("hub")
    site, values = open_school(tmp_path_factory.mktemp("outcomes") / "data", empty_gradebook)
    with small_hub(site.root, folder) as address:
        yield site, values, address, folder / "hub.log"


@pytest.fixture(scope="module")
def visitors(
    school: tuple[Site, dict[str, str], str, Path],
) -> Iterator[dict[str, Visitor]]:
    found = {name: Visitor(school[2], name) for name in ("office", "sokha", "bopha")}
    yield found
    for visitor in found.values():
        visitor.close()


def test_a_student_takes_her_certificate(visitors: dict[str, Visitor]) -> None:
    answer = visitors["sokha"].get(f"me/{COHORT}/certificate.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_certificate_of_another_cohort_is_not_taken_back_here(
    school: tuple[Site, dict[str, str], str, Path], visitors: dict[str, Visitor]
) -> None:
    values, office = school[1], visitors["office"]
    path = f"cohort/{values['club']}/certificates/{values['certificate']}"
    assert office.post(f"{path}/revoke", reason="The wrong cohort.").status_code == 404
    assert office.get(f"{path}.pdf").status_code == 404


@pytest.mark.parametrize(
    ("days", "said"),
    [(30, "30 days"), (364, "364 days"), (365, "A year"), (730, "2 years"), (1826, "5 years"),
     (500, "500 days")],
)  # fmt: skip
def test_how_long_is_said_in_years_where_it_is_whole_ones(days: int, said: str) -> None:
    assert personal.long(days).en == said


def test_a_survey_is_answered_once_with_consent(
    school: tuple[Site, dict[str, str], str, Path], visitors: dict[str, Visitor]
) -> None:
    site, values, _, _ = school
    path, her = f"survey/{values['survey']}", visitors["bopha"]
    fields = {"answer-belong": "4", "answer-can-ask": HOSTILE, "answer-nothing": "1"}
    assert her.post(path, **fields).status_code == 400
    assert her.post(path, xsrf=None, consent="yes", **fields).status_code == 403
    assert her.post(path, consent="yes", **fields).status_code == 200
    assert "<form" not in her.get(path).text.split("<main>")[1]
    assert her.post(path, consent="yes", **fields).status_code == 400
    with reading(site) as connection:
        rows = connection.execute(select(survey_answers.c.question, survey_answers.c.answer)).all()
    assert [tuple(row) for row in rows] == [("belong", "4")]


def test_what_she_asks_and_is_answered(
    school: tuple[Site, dict[str, str], str, Path], visitors: dict[str, Visitor]
) -> None:
    site = school[0]
    assert visitors["sokha"].post("privacy", kind="everything").status_code == 400
    for _ in range(2):
        assert visitors["sokha"].post("privacy", kind="erasure").status_code == 200
    (asked,) = requests.all_requests(site, "sokha")
    path = f"privacy/requests/{asked.id}/refuse"
    assert visitors["office"].post(path, reason="").status_code == 400
    assert visitors["office"].post(path, reason=HOSTILE).status_code == 200
    page = visitors["sokha"].get("privacy").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


PAGES = {
    "office": (f"cohort/{COHORT}/certificates", "report?from=2026-01-01&to=2026-12-31",
               "surveys/results", "privacy/requests", "privacy"),
    "sokha": ("surveys", "privacy"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "km"])
def test_pages_are_small_and_run_no_script(visitors: dict[str, Visitor], language: str) -> None:
    for name, paths in PAGES.items():
        for path in paths:
            joined = f"{path}{'&' if '?' in path else '?'}lang={language}"
            answer = visitors[name].get(joined)
            assert answer.status_code == 200, path
            assert f'<html lang="{language}">' in answer.text
            assert "<script" not in answer.text
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert len(answer.content) < LARGEST_PAGE_BYTES, path


@pytest.mark.parametrize(
    ("period", "status"),
    [
        ("from=2026-02-01", 200),
        ("from=x&to=y", 400),
        ("from=2030-01-01&to=2029-01-01", 400),
        ("from=0000-00-00", 400),
    ],
)
def test_a_period_that_is_none_is_refused(
    visitors: dict[str, Visitor], period: str, status: int
) -> None:
    assert visitors["office"].get(f"report?{period}").status_code == status
    assert visitors["office"].get("report/2026-13-01/2026-01-01.pdf").status_code == 400


def test_log_lines_of_the_pages_name_nobody(
    school: tuple[Site, dict[str, str], str, Path], visitors: dict[str, Visitor]
) -> None:
    """The hub's own lines name accounts; ours name the kind of page and how it went."""
    visitors["sokha"].get("privacy")
    visitors["office"].get(f"cohort/{COHORT}/student/sokha")
    lines = [
        line
        for line in school[3].read_text(errors="replace").splitlines()
        if "programme.pages" in line
    ]
    assert any("Mine 200" in line for line in lines)
    for word in ("sokha", "Sokha", "សុខា", "bopha", "office", COHORT, school[1]["certificate"]):
        assert not [line for line in lines if word in line], word
