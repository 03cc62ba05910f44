"""Marks that an LMS may be given, without grading anything; and `soc lti`, as a function."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime

from click.testing import CliRunner
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash
from sqlalchemy.exc import SAWarning

from programme.site import Cohort, Site
from soc.cli import soc
from soc.errors import SocError
from tests.hub.running import COHORT

SUBMITTED = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)


def grade(cohort: Cohort, student: str, share: float = 1.0) -> None:
    """All her cells of week01 have this share of their points."""
    with (
        warnings.catch_warnings(),
        Gradebook(cohort.gradebook_url, COHORT) as gradebook,
    ):
        # nbgrader's own way warns about the order in which it adds its rows.
        warnings.filterwarnings("ignore", "Object of type <[A-Za-z]+> not in session", SAWarning)
        submission = gradebook.update_or_create_submission(
            "week01", student, timestamp=SUBMITTED.replace(tzinfo=None)
        )
        for notebook in submission.notebooks:
            for cell in notebook.grades:
                cell.manual_score = cell.cell.max_score * share
                cell.needs_manual_grade = False
        gradebook.db.commit()


def release_feedback(cohort: Cohort, student: str) -> None:
    """Feedback pages of what is graded now, as nbgrader names and places them."""
    folder = cohort.root / "feedback" / student / "week01"
    folder.mkdir(parents=True, exist_ok=True)
    secret = "5" * 64
    (folder / "submission_secret.txt").write_text(secret)
    (folder / "timestamp.txt").write_text(f"{SUBMITTED:%Y-%m-%d %H:%M:%S.%f} UTC")
    released = cohort.exchange / COHORT / "feedback"
    released.mkdir(exist_ok=True)
    with Gradebook(cohort.gradebook_url, COHORT) as gradebook:
        for notebook in gradebook.find_submission("week01", student).notebooks:
            page = f"<h4>{notebook.name} (Score: {notebook.score} / {notebook.max_score})</h4>"
            name = f"{notebook_hash(secret=secret + student, notebook_id=notebook.name)}.html"
            (released / name).write_text(page)
    (folder / "submission_secret.txt").write_text(secret + student)


def soc_lti(site: Site, *arguments: str) -> tuple[int, list[dict[str, str]]]:
    """Exit code and rows of `soc lti …`; raises SocError as the command line prints it."""
    done = CliRunner().invoke(
        soc, ["lti", *arguments, "--json", "--data", str(site.root)], standalone_mode=False
    )
    if isinstance(done.exception, SocError):
        raise done.exception
    assert done.exception is None, done.exception
    return done.return_value or 0, json.loads(done.stdout)


def grades(site: Site, *arguments: str) -> tuple[int, list[dict[str, str]]]:
    return soc_lti(site, "grades", "--cohort", COHORT, *arguments)


def members(site: Site, *arguments: str) -> tuple[int, dict[str, str]]:
    """Exit code, and username → what is or would be done."""
    code, rows = soc_lti(site, "roster", "--cohort", COHORT, *arguments)
    return code, {row["username"]: f"{row['state']}: {row['what']}" for row in rows}
