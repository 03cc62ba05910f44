"""Predict, Quiz, Recall, Hints and Survey without a browser: what is kept, refused, said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from widgets import Hints, Parsons, Predict, Question, Quiz, Recall, Survey, answer
from widgets.answers import record
from widgets.card import Card
from widgets.hints import HintsError
from widgets.questions import QuestionError, UnanswerableError, read_number, same
from widgets.recall import RecallError, choose
from widgets.survey import SurveyError


def _page_says(card: Card, action: str, value: object, seq: str = "v-1") -> list[dict[str, object]]:
    """What Python answers when the page reports this."""
    sent: list[dict[str, object]] = []
    card.send = sent.append
    card._receive(card, {"seq": seq, "do": action, "value": value}, [])
    return sent


def _predict() -> Predict:
    return Predict(
        "p", "Which?", choices={"a": "5", "b": "23"}, replies={"a": "Not glued.", "b": "Glued."}
    )


def test_a_prediction_is_kept_and_found_again() -> None:
    _predict().answer("a")
    _predict().answer("b")
    assert answer("p") == "b"
    assert record("p")["first"] == "a"
    again = _predict()
    assert again.state["label"] == "23"
    assert again.state["replies"] == [["Glued.", "en"]]


def test_the_page_hears_that_it_was_kept() -> None:
    assert _page_says(_predict(), "keep", "b") == [{"ack": "v-1"}]
    assert answer("p") == "b"


@pytest.mark.parametrize("value", ["z", None, 3, ["a"], {"a": 1}, "<script>"])
def test_what_is_no_choice_is_refused(value: object) -> None:
    sent = _page_says(_predict(), "keep", value)
    assert sent[0]["ack"] == "v-1"
    assert "could not be read" in str(sent[0]["problem"])
    assert answer("p") is None


@pytest.mark.parametrize("action", ["redraw", "close", "__init__", "sheet", None])
def test_the_page_can_call_nothing_else(action: str) -> None:
    assert "no action" in str(_page_says(_predict(), action, "b")[0]["problem"])


def test_what_failed_unforeseen_is_not_called_saved_when_the_page_repeats_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise AttributeError("no such function on this machine")

    predict = _predict()
    with monkeypatch.context() as patch:
        patch.setattr("widgets.predict.answers.keep", fails)
        for _ in range(2):
            with pytest.raises(AttributeError):
                _page_says(predict, "keep", "b")
    assert _page_says(predict, "keep", "b") == [{"ack": "v-1"}]
    assert answer("p") == "b"


def test_a_report_that_comes_twice_counts_once() -> None:
    hints = Hints("x", ["a", "b", "c"])
    for _ in range(2):
        _page_says(hints, "open", 1)
    assert answer("x.hints") == 1


def test_a_try_whose_acknowledgement_was_lost_is_one_try() -> None:
    puzzle = Parsons("x", ["print(1)"])
    for _ in range(2):
        assert _page_says(puzzle, "try", [[0, 0]], "v-7") == [{"ack": "v-7"}]
    assert puzzle.tries == 1


def test_right_answers_and_replies_stay_in_the_kernel() -> None:
    quiz = Quiz(
        "q", [Question("one", "?", {"a": "A", "b": "B"}, right="b", replies={"b": "secret reply"})]
    )
    page = json.dumps([quiz.state, _predict().state])
    assert "secret reply" not in page
    assert "Glued." not in page
    assert '"right": "b"' not in page


def test_predictions_meet_what_happened() -> None:
    assert "no prediction here yet" in repr(Predict.again("p", saw="23"))
    _predict().answer("b")
    assert "The same" in repr(Predict.again("p", saw="23\n"))
    assert "That is how we learn" in repr(Predict.again("p", saw="5"))
    assert "&lt;b&gt;" in Predict.again("p", saw="<b>")._repr_html_()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("3", 3.0),
        ("៣", 3.0),
        (" 4,000 ", 4000.0),
        ("4 000", 4000.0),
        ("១២\u200b", 12.0),
        ("-2.5", -2.5),
    ],
)
def test_numbers_as_learners_type_them(typed: str, value: float) -> None:
    assert read_number(typed) == value


@pytest.mark.parametrize("typed", ["three", "", "nan", "inf", "1e999", "3 mangoes"])
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(UnanswerableError):
        read_number(typed)


def test_answers_that_mean_the_same() -> None:
    assert same("១២") == same("12") == same(12) == same(12.0)
    assert same("Hello ") == same("hello\u200b")
    assert same("a") != same("b")


def test_a_question_that_can_t_be_asked_is_refused_at_once() -> None:
    with pytest.raises(QuestionError, match="no choice"):
        Question("q", "?", {"a": "A"}, replies={"b": "?"})
    with pytest.raises(QuestionError, match="don't fit"):
        Question("q", "?", {"a": "A"}, kind="number")
    with pytest.raises(QuestionError, match="kind"):
        Question("q", "?", kind="essay")
    with pytest.raises(QuestionError, match="same id"):
        Quiz("x", [Question("q", "?", {"a": "A"}), Question("q", "?", {"a": "A"})])


def test_a_quiz_keeps_first_and_last_answers() -> None:
    quiz = Quiz("q", [
        Question("one", "?", {"a": "A", "b": "B"}, right="b"),
        Question("two", "?", {"a": "A", "b": "B"}, kind="many", right=["a", "b"]),
        Question("three", "?", kind="text", right=["print", "print()"]),
    ])  # fmt: skip
    assert quiz.answer("one", "a") is False
    assert quiz.answer("one", "b") is True
    assert quiz.answer("two", ["b", "a"]) is True
    assert quiz.answer("three", " Print ") is True
    assert answer("q") == {"one": "b", "two": ["a", "b"], "three": "Print"}
    assert record("q")["first"]["one"] == "a"


def test_an_answer_to_a_question_that_is_gone_is_left_out_of_the_page() -> None:
    Quiz("q", [Question("old", "?", {"a": "A"})]).answer("old", "a")
    assert Quiz("q", [Question("new", "?", {"a": "A"})]).values == {}
    assert answer("q") == {"old": "a"}


RECALL = "".join(
    f'[[item]]\nid = "w{week}-{n}"\nweek = {week}\nprompt = "?"\nchoices = {{a = "A", b = "B"}}\n'
    for week in range(1, 7)
    for n in range(3)
)


def test_recall_follows_its_schedule(week: Path) -> None:
    (week / "recall.toml").write_text(RECALL)
    assert list(Recall("week06").questions) == ["w5-0", "w5-1", "w3-0", "w3-1", "w2-0"]
    assert list(Recall("week02").questions) == ["w1-0", "w1-1", "w1-2"]
    assert list(Recall("week01").questions) == []


def test_recall_credits_days_and_never_takes_away(week: Path) -> None:
    (week / "recall.toml").write_text(RECALL)
    recall = Recall("week02")
    recall.answer("w1-0", "a")
    recall.answer("w1-0", "b")
    assert len(record("recall-week02")["days"]) == 1
    assert recall.state["days"] == 1


@pytest.mark.parametrize(
    "text", [None, "[[item]]\nid = 'x'\n", "[[item]]\nid='x'\nprompt='?'\n", "nonsense ["]
)
def test_a_recall_file_that_can_t_be_asked_is_named(week: Path, text: str | None) -> None:
    if text is not None:
        (week / "recall.toml").write_text(text)
    with pytest.raises(RecallError, match=r"recall\.toml"):
        Recall("week02")


def test_choosing_never_gives_an_item_twice() -> None:
    items = [(1, Question(str(n), "?", kind="text")) for n in range(4)]
    chosen = choose(items, 9)
    assert len({question.id for question in chosen}) == len(chosen) == 4


def test_hints_open_in_order_and_stay_open(week: Path) -> None:
    (week / "hints.toml").write_text('["x"]\nen = ["a", "b", "c"]\nkm = ["ក", "ខ", "គ"]\n')
    hints = Hints("x")
    assert hints.state["open"] == []
    assert hints.open_next() == "a"
    assert "could" in str(_page_says(hints, "open", 3)[0]["problem"])
    _page_says(hints, "open", 2, "v-2")
    assert Hints("x").state["open"] == [["a", "en"], ["b", "en"]]
    assert "c" not in json.dumps(hints.state["open"])
    assert answer("x") is None


def test_hints_in_khmer(week: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (week / "hints.toml").write_text('["x"]\nen = ["a", "b", "c"]\nkm = ["ក", "ខ", "គ"]\n')
    monkeypatch.setenv("SOC_LANGUAGE", "km")
    assert Hints("x").open_next() == "ក"


def test_a_ladder_has_three_rungs(week: Path) -> None:
    with pytest.raises(HintsError, match="three rungs"):
        Hints("x", ["a"])
    with pytest.raises(HintsError, match="can't be read"):
        Hints("x")
    (week / "hints.toml").write_text('["y"]\nen = ["a", "b", "c"]\n')
    with pytest.raises(HintsError, match="no ladder"):
        Hints("x")


def _survey() -> Survey:
    return Survey(
        "week01", [Question("s1", "?", {"1": "No", "2": "Yes"}), Question("s2", "?", kind="text")]
    )


def test_a_survey_is_apart_from_her_work_and_waits_for_consent(week: Path, tmp_path: Path) -> None:
    survey = _survey()
    survey.answer("s2", "my friends")
    kept = json.loads((tmp_path / "surveys" / "week01.json").read_text())
    assert kept == {
        "schema": 1,
        "survey": "week01",
        "consent": False,
        "value": {"s2": "my friends"},
    }
    assert list(week.iterdir()) == []
    survey.share()
    assert _survey().sent is True
    survey.answer("s1", "2")
    assert _survey().sent is False  # a new answer asks again
    survey.share()
    survey.take_back()
    assert json.loads((tmp_path / "surveys" / "week01.json").read_text())["consent"] is False
    assert "my friends" not in repr(survey)


def test_a_survey_s_id_names_a_file() -> None:
    with pytest.raises(SurveyError):
        Survey("../week01", [])
