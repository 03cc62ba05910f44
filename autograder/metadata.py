"""nbgrader's check of its cells' metadata, with its schema compiled once.

nbgrader's own step parses and checks the schema again for every cell, which takes longer than
running the notebook does.
"""

# mypy: allow-untyped-calls
# (nbgrader has annotations for some of its functions only.)

from __future__ import annotations

from functools import cache
from typing import Any

import fastjsonschema
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.nbgraderformat.common import BaseMetadataValidator
from nbgrader.preprocessors import CheckCellMetadata


class _Compiled(BaseMetadataValidator):
    def __init__(self) -> None:
        super().__init__()
        self.compiled = fastjsonschema.compile(self.schema)

    def validate_cell(self, cell: Any) -> None:
        metadata = cell.metadata.get("nbgrader", {"schema_version": None})
        try:
            if metadata["schema_version"] == self.schema_version:
                self.compiled(metadata)
                return
        except (fastjsonschema.JsonSchemaValueException, KeyError):
            pass
        super().validate_cell(cell)  # raises, in nbgrader's words


class _Validator(MetadataValidator, _Compiled):
    """nbgrader's other rules, on top of the compiled schema."""


_validator = cache(_Validator)


class CheckMetadata(CheckCellMetadata):
    """nbgrader's CheckCellMetadata, fast."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Raise nbgrader's ValidationError when the metadata break its rules."""
        try:
            _validator().validate_nb(nb)
        except Exception:
            super().preprocess(nb, resources)  # raises, and says so in the log
        return nb, resources
