"""A report as a page of its own, a PDF and a workbook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import jinja2
from markupsafe import Markup

from programme.export import Cell, Table, write_xlsx
from programme.messages import message
from programme.people import province_names
from programme.report import document
from programme.report.document import Document
from programme.report.drawing import Drawing
from programme.report.figures import Figures, band
from programme.typesetting import typeset
from programme.whole_file import write_whole

HERE = Path(__file__).parent
PAGES = HERE.parent / "pages"
templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(PAGES / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_all(figures: Figures, language: str, folder: Path) -> list[Path]:
    """Write the report as HTML, PDF and XLSX into a folder; each file is whole or not there."""
    period = figures.period
    name = f"report-{period.first}-{period.last}-{language}"
    made = document.write(figures, language)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.html", as_html(made).encode())
    write_whole(folder / f"{name}.pdf", as_pdf(made, figures))
    write_xlsx(tables(figures, language), folder / f"{name}.xlsx")
    return [folder / f"{name}.{kind}" for kind in ("html", "pdf", "xlsx")]


def as_html(made: Document) -> str:
    """The report as one file that needs no other: for mail, and for the archive."""
    style = (PAGES / "static" / "style.css").read_text(encoding="utf-8")
    page = templates.get_template("report_alone.html")
    return page.render(
        report=made,
        style=Markup(style),  # noqa: S704  (a file of ours)
        drawn=drawn,
        definitions=message("report.definitions").in_language(made.language),
    )


def drawn(drawing: Drawing) -> Markup:
    """A drawing as SVG, whose texts ElementTree has escaped."""
    return Markup(drawing.svg())  # noqa: S704


def as_pdf(made: Document, figures: Figures, kind: str = "pdf", page: int = 1) -> bytes:
    """The report as PDF, or its page of that number as PNG."""
    texts = asdict(made)
    texts["definitions_title"] = message("report.definitions").in_language(made.language)
    on = figures.made_on
    made_at = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return typeset(HERE / "report.typ", json.dumps(texts, ensure_ascii=False), kind, made_at, page)


def tables(figures: Figures, language: str) -> list[Table]:
    """The data behind: sums of programmes, cohorts, provinces and answers; no people."""
    columns = ("applied", "accepted", "enrolled", "withdrawn", "graduated")

    def programmes() -> Iterator[tuple[Cell, ...]]:
        for one in figures.programmes:
            yield (one.name, one.kind, one.starts_on, *(getattr(one, name) for name in columns))

    def cohorts() -> Iterator[tuple[Cell, ...]]:
        for one in figures.cohorts:
            where = province_names()[one.province][language == "km"] if one.province else None
            yield (
                one.name, one.programme, one.kind, one.starts_on, one.mode, where,
                one.enrolled, one.withdrawn, one.graduated,
            )  # fmt: skip

    def provinces() -> Iterator[tuple[Cell, ...]]:
        for code in figures.reached():
            one, names = figures.provinces[code], province_names()[code]
            counts = (one.applied, one.ambassador, one.club)
            yield (code, names[0], names[1], *(band(count) for count in counts), one.clubs)

    def answers() -> Iterator[tuple[Cell, ...]]:
        for result in figures.surveys:
            for question in result.questions:
                for text, count in question.by_choice:
                    yield (
                        result.programme, result.moment, question.id,
                        question.text.in_language(language), text.in_language(language), count,
                    )  # fmt: skip

    def definitions() -> Iterator[tuple[Cell, ...]]:
        written = document.write(figures, language)
        if written.warning:
            yield ("", written.warning)
        yield from dict.fromkeys(pair for part in written.sections for pair in part.definitions)

    return [
        Table("programmes", ("programme", "kind", "starts on", *columns), programmes),
        Table(
            "cohorts",
            ("cohort", "programme", "kind", "starts on", "mode", "province", *columns[2:]),
            cohorts,
        ),
        Table(
            "provinces",
            ("code", "province", "province (Khmer)", "applied", "ambassadors", "members", "clubs"),
            provinces,
        ),
        Table("answers", ("programme", "moment", "id", "question", "answer", "count"), answers),
        Table("definitions", ("figure", "what it means"), definitions),
    ]
