"""The main job by `soc` alone, each verb twice, on both databases, with the real week 1."""

from __future__ import annotations

import csv
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from openpyxl import load_workbook

from programme.site import Site
from soc.cli import main
from soc.demo.work import hand_in, read_answers

COHORT = "ambassador-2030"
FIRST_DAY = datetime.now(UTC).date() - timedelta(days=8)  # week 1 is due, week 2 is not
ROSTER = """\ufeffusername;name_latin;name_km;birth_year;province
bopha;Sok Bopha;សុខ បុប្ផា;២០១០;Kampot
chanthy;Keo Chanthy;កែវ ចន្ធី;2009;Takeo
devi;Long Devi;ឡុង ទេវី;2011;Pursat
"""


class CommandLine:
    """`soc` as a person calls it: words in, text and an exit code out."""

    def __init__(
        self, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.data = data
        self._patch = monkeypatch
        self._capsys = capsys
        monkeypatch.setenv("SOC_DATA", str(data))
        monkeypatch.setenv("SOC_LANGUAGE", "en")
        monkeypatch.setenv("COLUMNS", "200")

    def __call__(self, *words: str, exit_code: int = 0) -> str:
        self._patch.setattr(sys, "argv", ["soc", *words])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = self._capsys.readouterr()
        assert left.value.code == exit_code, said.out + said.err
        return said.out if exit_code == 0 else said.out + said.err

    def json(self, *words: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self(*words, "--json"))
        return rows


@pytest.fixture
def soc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    return CommandLine(tmp_path / "data", monkeypatch, capsys)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> list[str]:
    """Words for `soc init`."""
    if request.param == "sqlite":
        return []
    server = request.getfixturevalue("postgres_server")
    return ["--database", f"postgresql+psycopg://postgres@/loop-{{cohort}}?host={server.folder}"]


@pytest.mark.slow
def test_from_an_empty_folder_to_the_graduation_table(
    soc: CommandLine, database: list[str], tmp_path: Path
) -> None:
    soc("init", str(soc.data), *database)
    roster = tmp_path / "students.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    for _ in range(2):
        soc("cohort", "add", COHORT, "--starts", str(FIRST_DAY))
        soc("enrol", str(roster))
        soc("release", "week01")
    assert len(soc.json("invite")) == 3

    site = Site.open(soc.data)
    cohort = site.cohort(COHORT)
    answers, dice = read_answers(site, "week01"), random.Random(1)
    when = datetime.now(UTC) - timedelta(days=3)
    hand_in(cohort, "week01", "bopha", when, answers, skill=1, dice=dice)
    hand_in(cohort, "week01", "chanthy", when, answers, skill=0, dice=dice)
    collected = [soc.json("collect", "week01") for _ in range(2)]
    states = [{row["student"]: row["state"] for row in rows} for rows in collected]
    assert states[0] == {"bopha": "new", "chanthy": "new", "devi": "missing"}
    assert states[1] == {"bopha": "unchanged", "chanthy": "unchanged", "devi": "missing"}

    graded = [soc.json("grade", "week01") for _ in range(2)]
    scores = [{row["student"]: row["score"] for row in rows} for rows in graded]
    assert scores[0] == scores[1]
    assert scores[0]["bopha"] > 25
    assert scores[0]["chanthy"] < 15
    with Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        (card,) = [
            grade
            for grade in gradebook.find_submission_notebook("project", "week01", "bopha").grades
            if grade.needs_manual_grade
        ]
        card.manual_score, card.needs_manual_grade = 10, False
        gradebook.db.commit()
    for _ in range(2):
        rows = soc.json("feedback", "week01")
        assert {row["student"]: row["state"] for row in rows} == {
            "bopha": "released",
            "chanthy": "released",
        }
    pages = list((site.exchange / COHORT / "feedback").glob("*.html"))
    assert len(pages) == 6

    status = {row["student"]: row["week01"] for row in soc.json("status")}
    assert status["devi"] == "practice not submitted, project not submitted"
    assert status["bopha"] == "practice 23/23, project 18/20"

    decided = {row["student"]: row for row in soc.json("graduate", "--by", "maly")}
    assert {row["outcome"] for row in decided.values()} == {"on_the_way"}
    assert "week 1" in decided["devi"]["why"]
    assert not any(row["changed"] for row in soc.json("graduate", "--by", "maly"))
    soc("override", "devi", "withdrawn", "--reason", "Moved abroad, told us", "--by", "maly")
    decided = {row["student"]: row for row in soc.json("graduate", "--by", "maly")}
    assert decided["devi"]["outcome"] == "withdrawn"

    for _ in range(2):
        soc("export", str(tmp_path / "out"))
    with (tmp_path / "out" / f"{COHORT}-graduation.csv").open(encoding="utf-8-sig") as file:
        rows_of_csv = {row["username"]: row for row in csv.DictReader(file)}
    assert rows_of_csv["devi"]["changed by"] == "maly"
    assert rows_of_csv["bopha"]["name (Khmer)"] == "សុខ បុប្ផា"
    book = load_workbook(tmp_path / "out" / f"{COHORT}.xlsx")
    assert book["graduation"].max_row == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["release", "week99"], "no 'week99'"),
        (["collect", "week01"], "not released"),
        (["status", "--cohort", "nobody"], "no cohort 'nobody'"),
        (["status", "--student", "nobody"], "not a student"),
        (["enrol", "bad.csv"], "row 3"),
        (["override", "nobody", "graduated", "--reason", "because"], "nobody"),
    ],
)
def test_what_can_not_be_done_is_said_and_leaves_2(
    soc: CommandLine, tmp_path: Path, words: list[str], said: str
) -> None:
    soc("init", str(soc.data))
    soc("cohort", "add", COHORT, "--starts", "2030-01-07")
    (tmp_path / "bad.csv").write_text("username,name_latin\nbopha,Sok Bopha\n!!,Keo Devi\n")
    words = [str(tmp_path / word) if word.endswith(".csv") else word for word in words]
    assert said in soc(*words, exit_code=2)


def test_without_a_data_folder_it_says_how_to_choose_one(soc: CommandLine) -> None:
    assert "soc init" in soc("status", exit_code=2)


@pytest.mark.slow
def test_a_part_that_could_not_be_done_leaves_1(soc: CommandLine) -> None:
    soc("init", str(soc.data))
    soc("cohort", "add", COHORT, "--starts", str(FIRST_DAY))
    soc("enrol", "--username", "bopha", "--name", "Sok Bopha")
    soc("release", "week01")
    site = Site.open(soc.data)
    answers, dice = read_answers(site, "week01"), random.Random(1)
    for student in ("bopha", "stranger"):
        when = datetime.now(UTC) - timedelta(days=3)
        hand_in(site.cohort(COHORT), "week01", student, when, answers, skill=1, dice=dice)
    assert "not a student of this cohort" in soc("collect", "week01", exit_code=1)
