"""A report in words: sections with their figures, a drawing, and what each figure means beside it.

A cell is text already. A figure that was made up, because the programme never reported it, bears a
dagger; the report says so on its first page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from programme.messages import message
from programme.people import province_names
from programme.reason import percent
from programme.report import drawing
from programme.report.drawing import Drawing
from programme.report.figures import KINDS, Figures, Kind, band
from programme.reported import MADE_UP_BY_YEAR
from programme.surveys.results import Result, changes

Say = Callable[..., str]
DAGGER = " †"
BANDS = ("0", "1–4", "5–9", "10–19", "20–49", "50–199", "200+")


@dataclass(frozen=True)
class Section:
    """One part: a table, a drawing if there is one, and definitions of what is in them."""

    title: str
    text: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    drawing: Drawing | None
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Document:
    """A whole report in one language."""

    language: str
    title: str
    period: str
    made_on: str
    warning: str
    key_figures: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def write(figures: Figures, language: str) -> Document:
    """The report of these figures in `en` or `km`."""

    def say(message_id: str, **fields: object) -> str:
        return message(f"report.{message_id}", **fields).in_language(language)

    period = figures.period
    sections = [_students(figures, say), _clubs(figures, say, language)]
    sections += [_provinces(figures, say, language)]
    sections += [_survey(one, say, language) for one in figures.surveys if one.sheets is not None]
    sections += _changes(figures, say, language)
    return Document(
        language=language,
        title=say("title"),
        period=say("period", first=period.first, last=period.last),
        made_on=say("made_on", day=figures.made_on),
        warning=say("fictional") if figures.fictional else "",
        key_figures=_key_figures(figures, say),
        sections=tuple(sections),
    )


def _key_figures(figures: Figures, say: Say) -> tuple[tuple[str, str], ...]:
    ambassador, club = figures.total("ambassador"), figures.total("club")
    return (
        (str(ambassador.applied + club.applied), say("applied")),
        (str(ambassador.graduated), say("key.ambassadors")),
        (str(club.graduated), say("key.members")),
        (str(len(figures.clubs())), say("clubs")),
        (str(len(figures.reached())), say("key.provinces")),
    )


def _students(figures: Figures, say: Say) -> Section:
    columns = ("applied", "accepted", "enrolled", "graduated")
    rows, groups = [], []
    for kind in KINDS:
        for year in figures.years(kind):
            total = figures.total(kind, year)
            numbers = [getattr(total, name) for name in columns]
            marks = [_dagger(figures, kind, name) for name in columns]
            cells = [f"{number}{mark}" for number, mark in zip(numbers, marks, strict=True)]
            share = _share(total.graduated, total.enrolled) + marks[-1]
            rows.append((f"{say(kind)} {year}", *cells, share))
            groups.append((f"{say(kind)} {year}", (numbers[0], numbers[1], numbers[3])))
        total = figures.total(kind)
        cells = [str(getattr(total, name)) for name in columns]
        rows.append(
            (say("all_of", kind=say(kind)), *cells, _share(total.graduated, total.enrolled))
        )
    online, in_person = (figures.groups[("ambassador", mode)] for mode in ("online", "in_person"))
    names = (*columns, "share")
    return Section(
        say("students"),
        say("groups", count=online + in_person, online=online, in_person=in_person),
        (say("programme"), *(say(name) for name in names)),
        tuple(rows),
        drawing.bars(groups, [say(columns[n]) for n in (0, 1, 3)], say("students")),
        tuple((say(name), say(f"means.{name}")) for name in names),
    )


def _dagger(figures: Figures, kind: Kind, name: str) -> str:
    return DAGGER if figures.fictional and name in MADE_UP_BY_YEAR[kind] else ""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _clubs(figures: Figures, say: Say, language: str) -> Section:
    rows = []
    for year in [*figures.years("club"), None]:
        found = figures.clubs(year)
        by_mode = [
            [club for club in found if club.mode == mode] for mode in ("in_person", "online")
        ]
        where = (
            ", ".join(_names({club.province for club in chosen}, language)) for chosen in by_mode
        )
        mark = DAGGER if figures.fictional and year == 2023 else ""
        rows.append(
            (
                str(year) if year else say("all"),
                str(len(found)),
                *(str(len(chosen)) for chosen in by_mode),
                *(f"{names or '–'}{mark}" for names in where),
            )
        )
    names = ("count", "in_person", "online", "where_in_person", "where_online")
    header = (say("year"), *(say(name) for name in names))
    return Section(
        say("clubs"), "", header, tuple(rows), None,
        ((say("clubs"), say("means.clubs")), (say("in_person"), say("means.in_person"))),
    )  # fmt: skip


def _names(codes: set[str | None], language: str) -> list[str]:
    known = province_names()
    return [known[code][language == "km"] for code in sorted(code for code in codes if code)]


def _provinces(figures: Figures, say: Say, language: str) -> Section:
    names = {code: both[language == "km"] for code, both in province_names().items()}
    totals = {code: one.ambassador + one.club for code, one in figures.provinces.items()}
    reached = figures.reached()
    bands = {code: band(totals.get(code, 0)) for code in names}
    columns = ("applied", "ambassador", "club")
    rows = tuple(
        (
            names[code],
            *(band(getattr(figures.provinces[code], name)) for name in columns),
            str(figures.provinces[code].clubs),
        )
        for code in reached
        if code in names
    )
    return Section(
        say("provinces"),
        say(
            "reached",
            count=len(reached),
            ambassadors=len(figures.with_any("ambassador")),
            members=len(figures.with_any("club")),
        ),
        (say("province"), *(say(f"{name}") for name in columns), say("clubs")),
        rows,
        drawing.tile_map(names, bands, BANDS, say("provinces")),
        (
            (say("provinces"), say("means.provinces")),
            (say("range"), say("means.range")),
            (say("map"), say("means.map")),
        ),
    )


def _survey(result: Result, say: Say, language: str) -> Section:
    rows = tuple(
        (
            one.text.in_language(language),
            str(one.answers),
            "; ".join(f"{text.in_language(language)} {count}" for text, count in one.by_choice),
            f"{percent(one.share)} %",
        )
        for one in result.questions
    )
    groups = [
        (one.text.in_language(language), (float(percent(one.share)),)) for one in result.questions
    ]
    moment = message(f"survey.moment.{result.moment}").in_language(language)
    title = say("survey", programme=result.programme, moment=moment)
    return Section(
        title,
        say("answered", count=result.sheets),
        (say("question"), say("answers"), say("by_choice"), say("agreed")),
        rows,
        drawing.bars(groups, ("",), title, " %"),
        ((say("agreed"), say("means.agreed")), (say("answers"), say("means.answers"))),
    )


def _changes(figures: Figures, say: Say, language: str) -> list[Section]:
    found = changes(figures.surveys)
    if not found:
        return []
    rows = tuple(
        (
            one.programme,
            one.text.in_language(language),
            " → ".join(f"{percent(share)} %" for share in one.shares.values()),
            f"{float(one.points):+.1f}",
        )
        for one in found
    )
    header = (say("programme"), say("question"), say("agreed"), say("points"))
    about = message("survey.change_about").in_language(language)
    return [Section(say("change"), about, header, rows, None, ())]
