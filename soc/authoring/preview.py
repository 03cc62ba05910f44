"""What students will see of a week, and what instructors see, as HTML files."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from soc.authoring.page import notebook_page, sheet_page
from soc.authoring.released import released
from soc.authoring.week import GUIDES, NOTEBOOKS, Week

VIEWS = ("student", "instructor")


@dataclass(frozen=True)
class Page:
    """One written file: who sees what."""

    view: str
    what: str
    file: str


def preview(
    week: Week, folder: Path, views: tuple[str, ...], *, language: str = "en"
) -> list[Page]:
    """Write the views into `folder`, with an index.html that links them. May run twice.

    The student's view is the release in the cohort's language; the instructor's has solutions,
    hidden tests and stored outputs, and the sheets of the guide. Raises what nbgrader raises for a
    source that it refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for view in views:
        for notebook in NOTEBOOKS:
            if view == "student":
                cells = released(week, notebook, language)
                page = notebook_page(cells, f"{week.name} · {notebook}", language=language)
            else:
                cells = week.notebooks[notebook]
                page = notebook_page(
                    cells, f"{week.name} · {notebook} (instructor)", instructor=True
                )
            pages.append(_write(folder, view, notebook, page))
        if view == "instructor":
            for sheet in (name for name in GUIDES if (week.guides / name).is_file()):
                what = sheet.removesuffix(".md")
                pages.append(
                    _write(
                        folder, view, what, sheet_page(week.guide(sheet), f"{week.name} · {what}")
                    )
                )
    (folder / "index.html").write_text(_index(week, pages), encoding="utf-8")
    return pages


def _write(folder: Path, view: str, what: str, page: str) -> Page:
    file = folder / f"{view}-{what}.html"
    file.write_text(page, encoding="utf-8")
    return Page(view, what, str(file))


def _index(week: Week, pages: list[Page]) -> str:
    links = "\n".join(
        f"- [{escape(page.view)}: {escape(page.what)}]({Path(page.file).name})" for page in pages
    )
    return sheet_page(f"# {week.name}\n\n{links}", week.name)
