"""Plots as boxes and texts: bars, and a map in which every province is a tile of the same size.

The page draws them as SVG, the PDF by typst's own means, which set Khmer right (in an SVG it does
not). There are no boundaries in the map, as none that we may ship are at hand: a tile stands about
where its province lies, and small provinces are as easy to see as big ones. Each drawing has a
table beside it that says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from xml.etree import ElementTree as ET

FONTS = "Noto Sans, Soc Khmer, Noto Sans Khmer, sans-serif"
Anchor = Literal["start", "middle", "end"]
COLOURS = ("#c9a24b", "#a05fb0", "#6a1b6d")
SHADES = ("#eee8ef", "#dcc6e0", "#c49ecb", "#a66bb1", "#84398f", "#5b1a66", "#3a0f42")
DARK_FROM = 3  # from this shade on, letters on it are white
# Province code → column and row, about as they lie: north is up.
TILES: Mapping[str, tuple[int, int]] = {
    "22": (2, 0), "13": (3, 0), "19": (4, 0), "16": (5, 0),
    "01": (1, 1), "17": (2, 1), "06": (3, 1), "10": (4, 1), "11": (5, 1),
    "24": (0, 2), "02": (1, 2), "15": (2, 2), "04": (3, 2), "03": (4, 2), "25": (5, 2),
    "09": (1, 3), "05": (2, 3), "12": (3, 3), "08": (4, 3), "14": (5, 3),
    "18": (1, 4), "07": (2, 4), "21": (3, 4), "20": (5, 4),
    "23": (2, 5),
}  # fmt: skip
TILE, TILE_HEIGHT, GAP, BAR, WIDTH = 112, 84, 6, 22, 720


@dataclass(frozen=True)
class Box:
    """A filled box; `rounded` is the radius of its corners."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    rounded: int = 3


@dataclass(frozen=True)
class Text:
    """A text on one line; `x`, `y` is where its baseline starts, ends, or has its middle."""

    x: float
    y: float
    text: str
    size: int = 14
    colour: str = ""
    anchor: Anchor = "start"
    bold: bool = False


@dataclass
class Drawing:
    """Boxes and texts on a sheet. A text without a colour has that of the texts around."""

    width: float
    height: float
    label: str
    boxes: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def svg(self) -> str:
        """The drawing as SVG, to be put into a page."""
        root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": self.label,
                "viewBox": f"0 0 {self.width:g} {self.height:g}", "font-family": FONTS,
                "width": "100%",
            },
        )  # fmt: skip
        for box in self.boxes:
            numbers = {name: f"{getattr(box, name):g}" for name in ("x", "y", "width", "height")}
            facts = {**numbers, "rx": str(box.rounded), "fill": box.colour}
            ET.SubElement(root, "rect", facts)
        for one in self.texts:
            facts = {
                "x": f"{one.x:g}", "y": f"{one.y:g}", "font-size": str(one.size),
                "fill": one.colour or "currentColor", "text-anchor": one.anchor,
                "font-weight": "600" if one.bold else "400",
            }  # fmt: skip
            ET.SubElement(root, "text", facts).text = one.text
        return ET.tostring(root, encoding="unicode")


def bars(
    groups: Sequence[tuple[str, Sequence[float]]], series: Sequence[str], label: str, unit: str = ""
) -> Drawing:
    """A group of lying bars for each row, one bar a series, with its number beside it."""
    most = max((value for _, values in groups for value in values), default=0) or 1
    several = len(series) > 1
    step, top, left = (BAR + 4) * len(series) + 14, 34 if several else 4, 250
    drawing = Drawing(WIDTH, top + step * len(groups), label)
    if several:
        _legend(drawing, series, COLOURS, 18)
    for place, (name, values) in enumerate(groups):
        y = top + place * step
        lines = _wrapped(name, 29)
        middle = y + (step - 14) / 2 - 9 * (len(lines) - 1)
        drawing.texts += [
            Text(left - 12, middle + 5 + 18 * number, line, anchor="end")
            for number, line in enumerate(lines)
        ]
        for number, value in enumerate(values):
            at, long = y + number * (BAR + 4), max(2, (WIDTH - left - 80) * value / most)
            colour = COLOURS[number % len(COLOURS)] if several else COLOURS[-1]
            drawing.boxes.append(Box(left, at, long, BAR, colour))
            drawing.texts.append(Text(left + long + 8, at + BAR - 5, f"{value:g}{unit}", bold=True))
    return drawing


def tile_map(
    names: Mapping[str, str], bands: Mapping[str, str], order: Sequence[str], label: str
) -> Drawing:
    """All 25 provinces as tiles, shaded and named by the range that each is in."""
    columns = 1 + max(column for column, _ in TILES.values())
    rows = 1 + max(row for _, row in TILES.values())
    drawing = Drawing(columns * (TILE + GAP), rows * (TILE_HEIGHT + GAP) + 44, label)
    for code, (column, row) in TILES.items():
        found = bands.get(code, order[0])
        shade = order.index(found)
        x, y = column * (TILE + GAP), row * (TILE_HEIGHT + GAP)
        ink = "#ffffff" if shade >= DARK_FROM else "#2a2430"
        drawing.boxes.append(Box(x, y, TILE, TILE_HEIGHT, SHADES[shade], 8))
        drawing.texts += [
            Text(x + TILE / 2, y + 26 + 17 * number, line, 13, ink, "middle")
            for number, line in enumerate(_wrapped(names[code], 13))
        ]
        drawing.texts.append(Text(x + TILE / 2, y + 72, found, 14, ink, "middle", bold=True))
    _legend(drawing, order, SHADES, drawing.height - 14)
    return drawing


def _legend(drawing: Drawing, names: Sequence[str], colours: Sequence[str], y: float) -> None:
    x = 0.0
    for name, colour in zip(names, colours, strict=False):
        drawing.boxes.append(Box(x, y - 13, 16, 16, colour))
        drawing.texts.append(Text(x + 22, y, name))
        x += 22 + 9.5 * len(name) + 24


def _wrapped(text: str, longest: int) -> list[str]:
    """Lines of whole words. Khmer without spaces stays on one line, unless it is far too long."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= longest or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines
