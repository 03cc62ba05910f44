"""The words of a notebook in a cohort's language.

A catalogue `locale/<language>/<week>.po` has one message a markdown cell: its context is
`<notebook>/<cell id>`, its text is the cell's source. Code is never translated; a cell without a
translation, or whose source has changed since, stays English and is counted in the log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode


class Translate(NbGraderPreprocessor):
    """Replace markdown cells by their translation. First in the line that makes a release."""

    language = Unicode("en", help="Two letters; `en` is what the sources are written in.").tag(
        config=True
    )
    catalogues = Unicode("", help="The folder with a folder of .po files a language.").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Translate in place. A missing catalogue is logged, a broken one raises OSError."""
        if self.language == "en":
            return nb, resources
        week = resources["nbgrader"]["assignment"]
        notebook = resources["nbgrader"]["notebook"]
        file = Path(self.catalogues) / self.language / f"{week}.po"
        if not file.is_file():
            self.log.warning("%s: no catalogue %s; it stays English", notebook, file)
            return nb, resources
        words = {(e.msgctxt, e.msgid): e.msgstr for e in polib.pofile(str(file)) if e.translated()}
        cells = [cell for cell in nb.cells if cell.cell_type == "markdown"]
        missing = 0
        for cell in cells:
            translation = words.get((f"{notebook}/{cell.get('id')}", cell.source))
            if translation:
                cell.source = translation
            else:
                missing += 1
        nb.metadata["language"] = self.language
        self.log.info("%s: %d of %d texts in %s", notebook, len(cells) - missing, len(cells),
                      self.language)  # fmt: skip
        return nb, resources
