"""Hostile programs from the TOML files, as submissions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell

from tests.engine.courses import Course, by_id, fill
from tests.engine.hostile.target import RIGHT, WRONG

CLASSES = ("forging", "leaking", "destroying", "exhausting")


@dataclass(frozen=True)
class Program:
    """One hostile program: where it stands, and the marks that its honest part earns."""

    kind: str
    name: str
    score: float
    spec: dict[str, Any]

    @property
    def student(self) -> str:
        return f"{self.kind}-{self.name}"

    def submit(self, course: Course) -> None:
        code = self.spec["code"].replace("{root}", str(course.root))
        answers = dict(WRONG if self.spec.get("wrong") else RIGHT)
        answers["essay"] = "nothing"
        answers.update(self.spec.get("also", {}))
        if self.spec["cell"] != "free":
            answers[self.spec["cell"]] = code

        def edit(_: str, nb: Any) -> Any:
            fill(nb, answers)
            if self.spec["cell"] == "free":
                nb.cells.insert(0, new_code_cell(code))
            if "after" in self.spec:
                nb.cells.append(new_code_cell(self.spec["after"]))
            if "tags" in self.spec:
                for cell in nb.cells:
                    cell.metadata["tags"] = list(self.spec["tags"])
                by_id(nb, "test-double")
            return nb

        files = {name: text.encode() for name, text in self.spec.get("file", {}).items()}
        course.submit(self.student, edit=edit, files=files)


def load() -> list[Program]:
    found = []
    for kind in CLASSES:
        with Path(__file__).with_name(f"{kind}.toml").open("rb") as file:
            for name, spec in tomllib.load(file).items():
                found.append(Program(kind, name, float(spec["score"]), spec))
    return found
