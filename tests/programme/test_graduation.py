"""Decisions at their boundaries, exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from programme.graduation import Decision, decide
from programme.record import Attended, Call, Progress, Work
from programme.site import CHECKOUT
from tests.programme.records import (
    AFTER,
    END,
    MAX,
    POLICY,
    START,
    perfect,
    with_lessons,
    with_marks,
    with_share,
    with_works,
)


def states(decision: Decision) -> dict[str, str]:
    return {why.id.split(".")[0]: why.state for why in decision.reasons}


def ids(decision: Decision) -> set[str]:
    return {why.id for why in decision.reasons}


def test_all_met_after_the_end_is_graduated_with_honours() -> None:
    decision = decide(perfect(), POLICY, AFTER)
    assert (decision.outcome, decision.honours, decision.alarms) == ("graduated", True, ())
    assert decision.average_percent == "100"
    assert decision.policy_version == POLICY.version


def test_nobody_graduates_before_the_last_day_is_over() -> None:
    assert decide(perfect(), POLICY, END).outcome == "on_the_way"


@pytest.mark.parametrize(
    ("marks", "outcome", "why"),
    [
        ([("present", 24), ("absent", 6)], "graduated", "attendance.met"),
        ([("present", 23), ("absent", 7)], "on_the_way", "attendance.make_up"),
        ([("present", 22), ("absent", 8)], "on_the_way", "attendance.make_up"),
        ([("present", 21), ("absent", 9)], "at_risk", "attendance.out_of_reach"),
        ([("present", 22), ("caught_up", 2), ("absent", 6)], "graduated", "attendance.met"),
        ([("present", 21), ("caught_up", 9)], "at_risk", "attendance.out_of_reach"),
        ([("present", 23), ("caught_up", 1), ("excused", 6)], "graduated", "attendance.met"),
        ([("present", 23), ("excused", 7)], "on_the_way", "attendance.make_up"),
        ([("present", 23), (None, 1), ("absent", 6)], "on_the_way", "attendance.waiting"),
        ([("present", 20), (None, 10)], "on_the_way", "attendance.waiting"),
    ],
)
def test_attendance_24_of_30_two_of_them_restorable(marks, outcome: str, why: str) -> None:
    decision = decide(with_marks(perfect(), *marks), POLICY, AFTER)
    assert decision.outcome == outcome
    assert why in ids(decision)


def test_after_the_time_to_make_up_a_session_can_not_be_caught_up() -> None:
    progress = with_marks(perfect(), ("present", 23), ("absent", 7))
    last = END + timedelta(days=POLICY.make_up_days)
    assert decide(progress, POLICY, last).outcome == "on_the_way"
    assert decide(progress, POLICY, last + timedelta(days=1)).outcome == "at_risk"


@pytest.mark.parametrize(
    ("share", "outcome"),
    [
        (Fraction(7, 10), "graduated"),
        (Fraction(7, 10) - Fraction(1, 10**9), "at_risk"),
        (Fraction(7, 10) + Fraction(1, 10**9), "graduated"),
    ],
)
def test_the_average_at_exactly_70_percent(share: Fraction, outcome: str) -> None:
    progress = with_lessons(with_share(perfect(), share), (7, True))
    low_practicum = decide(progress, POLICY, AFTER)
    assert low_practicum.outcome == outcome
    if outcome == "at_risk":
        assert low_practicum.average_percent == "69.9"


def test_tenths_that_floats_would_miss() -> None:
    """Points whose mean is 7 of 10, and whose mean as floats is 0.6999999999999998."""
    tenths = [63, 80, 67, 80, 58, 82, 76, 64, 58, 68, 81, 62, 71, 70]
    assert sum(n / 10 / 10 for n in tenths) / len(tenths) < 0.7
    chosen = iter(Fraction(n, 10) for n in tenths)
    progress = with_works(
        perfect(),
        lambda work: replace(
            work, score=next(chosen) if work.component == "practice" else Fraction(7)
        ),
    )
    progress = with_lessons(progress, (7, True))
    decision = decide(progress, replace(POLICY, weeks_dropped=0), AFTER)
    assert (decision.outcome, decision.average_percent) == ("graduated", "70")


@pytest.mark.parametrize("component", ["midcourse", "capstone"])
@pytest.mark.parametrize(
    ("share", "outcome", "why"),
    [
        (Fraction(6, 10), "graduated", "must_pass.met"),
        (Fraction(5999, 10000), "on_the_way", "must_pass.make_up"),
    ],
)
def test_what_must_be_passed_at_exactly_60_percent(
    component: str, share: Fraction, outcome: str, why: str
) -> None:
    progress = with_share(perfect(), share, component)
    decision = decide(progress, POLICY, AFTER)
    assert decision.outcome == outcome
    assert why in ids(decision)
    late = END + timedelta(days=POLICY.make_up_days + 1)
    assert decide(progress, POLICY, late).outcome == (
        "graduated" if outcome == "graduated" else "at_risk"
    )


@pytest.mark.parametrize(
    ("lessons", "outcome"),
    [
        ([], "on_the_way"),
        ([(5, False)], "on_the_way"),
        ([(5, False), (6, True)], "graduated"),
    ],
)
def test_one_observed_lesson_must_pass(lessons, outcome: str) -> None:
    assert decide(with_lessons(perfect(), *lessons), POLICY, AFTER).outcome == outcome


@pytest.mark.parametrize(
    ("share", "lessons", "honours"),
    [
        (Fraction(85, 100), [(8, True), (8, True)], False),  # practicum is 80 %
        (Fraction(86, 100), [(8, True), (8, True)], True),
        (Fraction(1), [(8, True), (7, True)], False),
        (Fraction(1), [(8, True), (8, False)], False),
        (Fraction(1), [(10, True)], False),
    ],
)
def test_honours_need_85_percent_and_two_good_lessons(share, lessons, honours: bool) -> None:
    decision = decide(with_lessons(with_share(perfect(), share), *lessons), POLICY, AFTER)
    assert (decision.outcome, decision.honours) == ("graduated", honours)


def test_honours_at_exactly_85_percent() -> None:
    """0.9 × share + 0.1 × 0.8 = 0.85 at share 77/90."""
    for share, honours in ((Fraction(77, 90), True), (Fraction(76999, 90000), False)):
        progress = with_lessons(with_share(perfect(), share), (8, True), (8, True))
        assert decide(progress, POLICY, AFTER).honours is honours


def _without_weeks(progress: Progress, *weeks: int) -> Progress:
    """Weeks not handed in."""
    return with_works(
        progress,
        lambda work: (
            replace(work, state="not_submitted", score=None) if work.week in weeks else work
        ),
    )


def test_the_two_lowest_weeks_are_left_out_and_no_third() -> None:
    two = decide(_without_weeks(perfect(), 3, 9), POLICY, AFTER)
    assert (two.outcome, two.average_percent) == ("graduated", "100")
    (average,) = [why for why in two.reasons if why.id == "average.met"]
    assert average.evidence["weeks_left_out"] == [3, 9]
    three = decide(_without_weeks(perfect(), 3, 9, 10), POLICY, AFTER)
    # practice 11 of 12 weeks, projects 8 of 9: 100 - 30/12 - 20/9
    assert three.average_percent == "95.2"


def test_mid_course_and_capstone_are_never_left_out() -> None:
    decision = decide(_without_weeks(perfect(), 8), POLICY, AFTER)
    assert decision.outcome == "on_the_way"
    assert decision.average_percent == "85"


def test_week_5_of_15_is_decided_by_five_weeks() -> None:
    today = START + timedelta(days=35)
    progress = with_works(
        perfect(),
        lambda work: (
            work
            if work.week <= 5
            else replace(work, state="not_released", score=None, max_score=None)
        ),
    )
    progress = replace(
        with_lessons(progress),
        sessions=[
            replace(held, mark="present" if held.held_on < today else None)
            for held in progress.sessions
        ],
    )
    decision = decide(progress, POLICY, today)
    assert (decision.outcome, decision.average_percent) == ("on_the_way", "100")
    assert states(decision) == {
        "attendance": "open",
        "average": "open",
        "must_pass": "open",
        "lessons": "open",
        "course": "open",
    }


def test_work_counts_from_the_day_after_it_is_due() -> None:
    due = perfect().works[0].due
    nothing = _without_weeks(perfect(), 1)
    assert decide(nothing, POLICY, due).average_percent is None
    next_day = decide(nothing, POLICY, due + timedelta(days=1))
    assert next_day.average_percent == "0"
    (missing,) = [why for why in next_day.reasons if why.id == "work.missing"]
    assert missing.evidence["works"] == [
        "week01/practice: not_submitted",
        "week01/project: not_submitted",
    ]
    assert "week 1 practice, week 1 project" in missing.text.en


def test_two_poor_weeks_are_no_risk_yet_and_a_third_is() -> None:
    poor = with_share(perfect(), Fraction(1, 4))
    for week, outcome in ((1, "on_the_way"), (2, "on_the_way"), (3, "at_risk")):
        decision = decide(poor, POLICY, START + timedelta(days=7 * week))
        assert (decision.outcome, decision.average_percent) == (outcome, "25")


@pytest.mark.parametrize("state", ["waiting", "ungraded", "needs_manual", "not_released"])
def test_what_we_owe_never_counts_against_her(state) -> None:
    def owe(work: Work) -> Work:
        return replace(work, state=state, score=None, pending=MAX)

    for today in (AFTER, END + timedelta(days=POLICY.make_up_days + 1)):
        decision = decide(with_works(perfect(), owe), POLICY, today)
        assert decision.outcome == "on_the_way"
        assert "average.waiting" in ids(decision)
        assert decision.alarms == ()


def test_an_ungraded_week_does_not_hold_back_who_has_enough_without_it() -> None:
    progress = with_works(
        perfect(),
        lambda work: (
            replace(work, state="ungraded", score=None, pending=MAX) if work.week == 2 else work
        ),
    )
    decision = decide(progress, POLICY, AFTER)
    assert (decision.outcome, decision.average_percent) == ("graduated", "100")


def test_points_above_the_maximum_count_as_the_maximum() -> None:
    progress = with_share(with_share(perfect(), Fraction(3)), Fraction(0), "projects")
    decision = decide(progress, POLICY, AFTER)
    assert decision.average_percent == "80"


def test_a_notebook_without_points_counts_for_nothing() -> None:
    progress = with_works(
        perfect(),
        lambda work: (
            replace(work, max_score=Fraction(0), score=None, state="not_submitted")
            if work.component == "practice"
            else work
        ),
    )
    assert decide(progress, POLICY, AFTER).outcome == "graduated"


def test_two_absences_ask_for_a_call_and_a_call_answers() -> None:
    one = with_marks(perfect(), ("absent", 1), ("present", 29))
    two = with_marks(perfect(), ("absent", 2), ("present", 28))
    today = START + timedelta(days=20)
    assert decide(one, POLICY, today).alarms == ()
    (alarm,) = decide(two, POLICY, today).alarms
    assert (alarm.reason.id, alarm.call) == ("alarm.absences", None)
    assert alarm.reason.evidence["sessions"] == [1, 2]
    before = Call("office", datetime(2026, 1, 6, 3, tzinfo=UTC), "too early")
    call = Call("office", datetime(2026, 1, 9, 3, tzinfo=UTC), "She comes on Monday.")
    (answered,) = decide(replace(two, calls=[before, call]), POLICY, today).alarms
    assert answered.call == call
    third = with_marks(two, ("absent", 3), ("present", 27))
    (again,) = decide(replace(third, calls=[call]), POLICY, today).alarms
    assert again.call is None


def test_excused_and_caught_up_sessions_raise_no_alarm() -> None:
    progress = with_marks(perfect(), ("excused", 3), ("caught_up", 2), ("present", 25))
    assert decide(progress, POLICY, START + timedelta(days=20)).alarms == ()


def test_two_weeks_under_50_percent_ask_for_a_call() -> None:
    def under(work: Work) -> Work:
        share = {2: Fraction(49, 100), 4: Fraction(0), 5: Fraction(1, 2)}.get(work.week)
        return work if share is None else replace(work, score=MAX * share)

    progress = with_works(perfect(), under)
    assert decide(progress, POLICY, START + timedelta(days=25)).alarms == ()
    (alarm,) = decide(progress, POLICY, START + timedelta(days=40)).alarms
    assert alarm.reason.evidence["weeks"] == [2, 4]


def test_withdrawn_comes_before_everything() -> None:
    progress = replace(perfect(), withdrawn_on=date(2026, 2, 1), withdrawn_reason="moved")
    decision = decide(progress, POLICY, AFTER)
    assert (decision.outcome, decision.alarms) == ("withdrawn", ())
    assert "moved" in decision.reasons[0].text.en


def test_a_session_moved_after_the_end_moves_the_end() -> None:
    progress = perfect()
    moved = [*progress.sessions[:-1], Attended(30, AFTER, None)]
    assert decide(replace(progress, sessions=moved), POLICY, AFTER).outcome == "on_the_way"


def test_every_reason_has_evidence_and_words_in_both_languages() -> None:
    late = END + timedelta(days=POLICY.make_up_days + 1)
    poor = with_lessons(with_share(_without_weeks(perfect(), 1, 2, 3), Fraction(1, 3)))
    poor = with_marks(poor, ("absent", 20), ("present", 10))
    seen = {}
    for progress in (perfect(), poor, with_share(perfect(), Fraction(1, 2), "capstone")):
        for today in (START, START + timedelta(days=50), AFTER, late):
            decision = decide(progress, POLICY, today)
            for why in (*decision.reasons, *(alarm.reason for alarm in decision.alarms)):
                seen[why.id] = why
    assert {
        "attendance.out_of_reach",
        "average.below",
        "must_pass.missed",
        "lessons.missed",
    } <= set(seen)
    for why in seen.values():
        json.dumps(why.evidence)
        assert why.evidence
        assert "{" not in why.text.en + why.text.km
        assert any("\u1780" <= letter <= "\u17ff" for letter in why.text.km)


def test_a_component_that_staff_have_added_is_called_by_its_name() -> None:
    policy = replace(
        POLICY,
        weights={**POLICY.weights, "talks": Fraction(0)},
        must_pass={"talks": Fraction(1, 2)},
    )
    decision = decide(perfect(), policy, AFTER)
    (why,) = [why for why in decision.reasons if why.evidence.get("component") == "talks"]
    assert why.text.en.startswith("talks: ")


def test_no_text_scolds() -> None:
    text = (CHECKOUT / "programme" / "messages.toml").read_text(encoding="utf-8").lower()
    for word in ("wrong", "illegal", "invalid", " just ", "simply", "obvious", "fail"):
        assert word not in text
