"""Makes the web fonts that the hub and the students' servers send: `python -m hub.make_fonts`.

Khmer needs all of its letters; from Noto Sans the Latin part is kept. Both stay variable in weight
and lose their width axis. The results are in the repository (SIL Open Font License, beside them),
so that only who changes them needs fonttools.
"""

from __future__ import annotations

import importlib.util
import io
import shutil
from pathlib import Path

_STATIC = Path(__file__).resolve().parent / "student" / "static"
_LATIN = "U+0020-007E,U+00A0-024F,U+2000-206F,U+20AC,U+2190-2193,U+2713"
_KHMER = "U+0020,U+00A0,U+1780-17FF,U+19E0-19FF,U+200B-200D,U+25CC"
_FONTS = {
    "noto-sans": ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf", _LATIN),
    "noto-sans-khmer": ("fontpkg_noto_sans_khmer", "NotoSansKhmer[wdth,wght].ttf", _KHMER),
}


def make(name: str) -> Path:
    """Write static/<name>.woff2 and its licence; the font's path. Needs the dev dependencies."""
    from fontTools import subset  # type: ignore[import-untyped]  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415
    from fontTools.varLib import instancer  # type: ignore[import-untyped]  # noqa: PLC0415

    package, file, letters = _FONTS[name]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is missing: install the dev dependencies.")
    folder = Path(spec.origin).parent
    source = next(path for path in folder.rglob("*.ttf") if path.name == file)
    font = instancer.instantiateVariableFont(TTFont(source), {"wdth": 100, "wght": (400, 400, 700)})
    whole = io.BytesIO()
    font.save(whole)
    font = TTFont(io.BytesIO(whole.getvalue()))  # read again: the subsetter wants a settled font
    options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(letters))
    subsetter.subset(font)
    target = _STATIC / f"{name}.woff2"
    subset.save_font(font, str(target), options)
    shutil.copyfile(next(folder.rglob("LICENSE")), _STATIC / f"{name}.LICENSE.txt")
    return target


if __name__ == "__main__":
    for each in _FONTS:
        print(make(each))
