"""Are answers kept whatever happens to the kernel, the file or the other notebooks?"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from widgets import answer
from widgets.answers import AnswersError, Record, keep, read, record


def _value(value: object) -> Record:
    return {"kind": "predict", "value": value}


def test_there_is_none_before_she_answers() -> None:
    assert answer("w01-p1") is None
    assert read() == {}


def test_it_is_kept_where_nothing_can_be_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("widgets.answers.flock", None)
    keep("w01-p1", lambda _: _value("b"))
    assert answer("w01-p1") == "b"


def test_it_is_kept_with_schema_and_time(week: Path) -> None:
    keep("w01-p1", lambda _: _value("b"))
    content = json.loads((week / "answers.json").read_text())
    assert content["schema"] == 1
    assert content["answers"]["w01-p1"]["at"].endswith("+00:00")
    assert answer("w01-p1") == "b"
    assert [path.name for path in week.iterdir()] == ["answers.json"]


def test_what_another_notebook_wrote_meanwhile_stays() -> None:
    keep("one", lambda _: _value(1))
    content = json.loads(Path("answers.json").read_text())
    content["answers"]["two"] = {**_value(2), "later": "field"}
    Path("answers.json").write_text(json.dumps(content))
    keep("three", lambda _: _value(3))
    assert {key: one["value"] for key, one in read().items()} == {"one": 1, "two": 2, "three": 3}
    assert record("two")["later"] == "field"


def _write_many(folder: Path, name: str) -> None:
    for number in range(8):
        keep(f"{name}-{number}", lambda _: _value(name), folder=folder)


def test_several_kernels_write_at_once(week: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(week, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(read(week)) == 24


def _write_for_ever(folder: Path) -> None:
    number = 0
    while True:
        number += 1
        keep("big", lambda _: _value("x" * 100_000 + str(number)), folder=folder)  # noqa: B023


def test_a_kernel_killed_while_writing_leaves_a_whole_file(week: Path) -> None:
    keep("first", lambda _: _value("kept"))
    writer = multiprocessing.get_context("spawn").Process(target=_write_for_ever, args=(week,))
    before = (week / "answers.json").stat().st_ino
    writer.start()
    while (week / "answers.json").stat().st_ino == before:
        assert writer.is_alive()
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(20)
    assert json.loads((week / "answers.json").read_text())["answers"]["first"]["value"] == "kept"


def test_an_unreadable_file_is_put_aside_and_not_lost(week: Path) -> None:
    (week / "answers.json").write_text('{"schema": 1, "answers": {"w01')
    assert answer("w01-p1") is None
    keep("w01-p1", lambda _: _value("a"))
    assert answer("w01-p1") == "a"
    aside = [path for path in week.iterdir() if "unreadable" in path.name]
    assert [path.read_text() for path in aside] == ['{"schema": 1, "answers": {"w01']


def test_a_newer_course_s_file_is_left_untouched(week: Path) -> None:
    text = '{"schema": 99, "answers": {}}'
    (week / "answers.json").write_text(text)
    with pytest.raises(AnswersError, match="schema 99"):
        keep("w01-p1", lambda _: _value("a"))
    assert (week / "answers.json").read_text() == text


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"answers": []}', '{"answers": {"w01-p1": 3}, "schema": 1}', "\x00"]
)
def test_odd_files_never_stop_a_graded_cell(week: Path, content: str) -> None:
    (week / "answers.json").write_text(content)
    assert answer("w01-p1") is None


def test_a_folder_that_can_t_be_written_says_so(week: Path) -> None:
    (week / "answers.json").mkdir()
    with pytest.raises(AnswersError, match="can't be written"):
        keep("w01-p1", lambda _: _value("a"))
