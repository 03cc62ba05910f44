"""nbgrader's execute step, in the sandbox: put this class in place of `Execute`.

    c.Autograde.autograde_preprocessors = [
        "autograder.preprocessor.ExecuteInSandbox",
        "nbgrader.preprocessors.IgnorePattern",
        ...
    ]

The warm interpreter lives as long as the process, because nbgrader builds its preprocessors anew
for every notebook.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer, Unicode
from traitlets import List as ListTrait

from autograder import assignment, folder, notebook
from autograder.cells import TeacherCell
from autograder.engine import Engine
from autograder.errors import PlatformFault
from autograder.limits import MIB, Limits
from autograder.sandbox import DEFAULT_FLOOR, LAYERS, Plan

_engines: dict[Plan, Engine] = {}


def engine_for(plan: Plan) -> Engine:
    """This process's engine for `plan`, started once."""
    if plan not in _engines:
        _engines[plan] = Engine(plan, slot=len(_engines))
    return _engines[plan]


@atexit.register
def close_engines() -> None:
    """End every sandbox of this process."""
    for engine in _engines.values():
        engine.close()
    _engines.clear()


class ExecuteInSandbox(Execute):
    """Runs a submitted notebook in the sandbox, its tests in the clean room."""

    memory_mb = Integer(1024, help="Memory that one notebook may use.").tag(config=True)
    disk_mb = Integer(256, help="Space for the files that one notebook writes.").tag(config=True)
    processes = Integer(96, help="Processes and threads of one notebook.").tag(config=True)
    notebook_timeout = Integer(300, help="Seconds for all cells of one notebook.").tag(config=True)
    warm = ListTrait(
        Unicode(),
        default_value=["numpy", "pandas", "matplotlib.pyplot"],
        help="Modules that the warm interpreter imports once, when a notebook mentions one.",
    ).tag(config=True)
    packages = ListTrait(
        Unicode(),
        default_value=["widgets"],
        help="Packages outside site-packages that notebooks may import.",
    ).tag(config=True)
    floor = ListTrait(
        Unicode(),
        default_value=list(DEFAULT_FLOOR),
        help=f"Layers without which nothing is graded, of {', '.join(LAYERS)}.",
    ).tag(config=True)
    layers = ListTrait(Unicode(), default_value=list(LAYERS), help="Layers that may be used.").tag(
        config=True
    )
    environment = ListTrait(
        Unicode(),
        default_value=["SOC_LANGUAGE", "NBGRADER_EXECUTION", "TZ"],
        help="Environment variables of the grader that notebooks see.",
    ).tag(config=True)
    stderr_fails = Bool(
        False,
        help="Whether a test that passes but writes to stderr gets 0, as nbgrader's does.",
    ).tag(config=True)

    def plan(self, *, heavy: bool) -> Plan:
        """The sandbox that these settings ask for."""
        limits = Limits(
            cell_timeout_s=float(self.timeout or self.notebook_timeout),
            notebook_timeout_s=float(self.notebook_timeout),
            cpu_s=self.notebook_timeout,
            memory_bytes=self.memory_mb * MIB,
            disk_bytes=self.disk_mb * MIB,
            processes=self.processes,
        )
        return Plan(
            limits=limits,
            packages=tuple(self.packages),
            warm=tuple(self.warm) if heavy else (),
            floor=tuple(self.floor),
            use=frozenset(self.layers),
        )

    def preprocess(self, nb: Any, resources: Any = None, km: Any = None) -> tuple[Any, Any]:
        """Run `nb` in place, as nbgrader's Execute does.

        Raises PlatformFault when the platform failed: nbgrader then leaves the submission
        ungraded and goes on with the next.
        """
        self.check_kernel(nb)
        path = Path((resources.get("metadata") or {}).get("path") or ".")
        teacher_folder = self._source_folder(resources)
        files = folder.read(path, teacher_folder, self._student_may_change(resources))
        teacher = self._teacher(nb, resources, teacher_folder)
        engine = engine_for(self.plan(heavy=notebook.mentions(nb, self.warm)))
        written = notebook.execute(
            nb,
            engine,
            teacher,
            files,
            env={name: os.environ[name] for name in self.environment if name in os.environ},
            stderr_fails=self.stderr_fails,
        )
        folder.save(path, written)
        return nb, resources

    def check_kernel(self, nb: Any) -> None:
        """Raise PlatformFault when a notebook is not for Python."""
        if not assignment.is_python(nb.metadata.get("kernelspec")):
            name = nb.metadata["kernelspec"].get("name")
            raise PlatformFault(
                f"This notebook is for the kernel {name!r}, and only Python is graded here. Use "
                "nbgrader's own Execute for this assignment."
            )

    # What the converter around us knows ----------------------------------------------------

    def _converter(self) -> Any:
        """The Autograde converter: an ancestor in the tree of configurables, when run by it."""
        parent = self.parent
        while parent is not None and not hasattr(parent, "coursedir"):
            parent = parent.parent
        return parent

    def _source_folder(self, resources: Any) -> Path | None:
        converter, known = self._converter(), resources.get("nbgrader") or {}
        if converter is None or "assignment" not in known:
            return None
        course = converter.coursedir
        path = Path(course.format_path(course.source_directory, ".", known["assignment"]))
        return path if path.is_dir() else None

    def _student_may_change(self, resources: Any) -> list[str]:
        converter, known = self._converter(), resources.get("nbgrader") or {}
        listed = getattr(converter, "exclude_overwriting", {})
        return list(listed.get(known.get("assignment"), ()))

    def _teacher(
        self, nb: Any, resources: Any, teacher_folder: Path | None
    ) -> assignment.TeacherNotebook:
        known = resources.get("nbgrader") or {}
        if teacher_folder is not None and "notebook" in known:
            found = assignment.from_source(teacher_folder / f"{known['notebook']}.ipynb")
            if found is not None:
                return found
        return assignment.from_cells(self._gradebook_cells(nb, known), nb)

    def _gradebook_cells(self, nb: Any, known: Any) -> list[TeacherCell]:
        if not all(key in known for key in ("notebook", "assignment", "db_url")):
            return [
                TeacherCell("locked", cell.source)
                for cell in nb.cells
                if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("locked")
            ]
        with Gradebook(known["db_url"]) as gradebook:
            try:
                found = gradebook.find_notebook(known["notebook"], known["assignment"])
            except MissingEntry:
                return []
            tests = {cell.name for cell in found.grade_cells} - {
                cell.name for cell in found.solution_cells
            }
            solutions = {cell.name for cell in found.solution_cells}
            return [
                TeacherCell(
                    "test"
                    if cell.name in tests
                    else "solution"
                    if cell.name in solutions
                    else "locked",
                    cell.source,
                )
                for cell in found.source_cells
                if cell.cell_type == "code"
            ]
