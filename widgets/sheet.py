"""A widget on paper: the form that is left where no widget can run.

The same blocks become plain text (PDF, diff, screen reader) and HTML without script (nbconvert,
feedback). Rule: every value is escaped; nothing a notebook holds becomes markup.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

from widgets.language import Said, Text, language, pick

BACKTICK = "`"


@dataclass
class Sheet:
    """Blocks from top to bottom. `title` names the kind of widget, `lang` is the reader's."""

    title: str
    lang: str = field(default_factory=language)
    _text: list[str] = field(default_factory=list)
    _html: list[str] = field(default_factory=list)

    def say(self, text: Text | Said) -> Sheet:
        """A paragraph; parts between backticks are code."""
        said = text if isinstance(text, Said) else pick(text)
        self._text.append(said.text)
        self._html.append(f"<p{self._lang(said)}>{_inline(said.text)}</p>")
        return self

    def code(self, source: str) -> Sheet:
        """Program text or output, kept as it is."""
        self._text.append("\n".join("    " + line for line in source.split("\n")))
        self._html.append(f"<pre><code>{html.escape(source)}</code></pre>")
        return self

    def items(self, items: Sequence[tuple[str, Text | Said]]) -> Sheet:
        """A list whose marks (`a`, `1`, `☐`) are given."""
        said = [(mark, t if isinstance(t, Said) else pick(t)) for mark, t in items]
        self._text.append("\n".join(f"  {mark} {one.text}".rstrip() for mark, one in said))
        rows = "".join(
            f"<li><span>{html.escape(mark)}</span> "
            f"<span{self._lang(one)}>{_inline(one.text)}</span></li>"
            for mark, one in said
        )
        self._html.append(f'<ul style="list-style:none;padding-left:1em">{rows}</ul>')
        return self

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Sheet:
        """Columns with a head; cells are plain text."""
        grid = [list(head), *[list(row) for row in rows]]
        widths = [max(len(row[i]) for row in grid) for i in range(len(head))]
        self._text.append(
            "\n".join(
                "  "
                + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
                for row in grid
            )
        )
        top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        self._html.append(f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>")
        return self

    def text(self) -> str:
        """The plain form."""
        return "\n".join([f"[{self.title}]", *self._text])

    def html(self) -> str:
        """The HTML form, without script or style sheet."""
        title = f"<p><strong>{html.escape(self.title)}</strong></p>"
        return f'<div lang="{self.lang}">{title}{"".join(self._html)}</div>'

    def _lang(self, said: Said) -> str:
        return "" if said.lang == self.lang else f' lang="{html.escape(said.lang)}"'


def _inline(text: str) -> str:
    parts = text.split(BACKTICK)
    if len(parts) % 2 == 0:
        return html.escape(text)
    return "".join(
        f"<code>{html.escape(part)}</code>" if i % 2 else html.escape(part).replace("\n", "<br>")
        for i, part in enumerate(parts)
    )
