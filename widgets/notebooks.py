"""What the Jupyter server does with a notebook that holds widgets, when a page opens it.

    c.ServerApp.contents_manager_class = "widgets.notebooks.Notebooks"

Two rules. Saved widget state is dropped: it carries JavaScript that anywidget would run on
opening, also from a stranger's notebook. And where no kernel runs, the paper form stands in for a
widget that could only say "model not found".
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

STATE = "widgets"
VIEW = "application/vnd.jupyter.widget-view+json"


class Notebooks(AsyncLargeFileManager):
    """Jupyter's own files, with notebooks made safe and readable as they are opened."""

    async def get(self, path: str, *args: Any, **options: Any) -> dict[str, Any]:
        """As Jupyter's, and notebooks without saved widget state."""
        model: dict[str, Any] = await super().get(path, *args, **options)  # type: ignore[no-untyped-call]
        if model["type"] == "notebook" and model["content"] is not None:
            drop_state(model["content"])
            if not await self._has_kernel(path):
                drop_views(model["content"])
        return model

    async def _has_kernel(self, path: str) -> bool:
        server: Any = self.parent
        sessions = await server.session_manager.list_sessions()
        return any(session["path"] == path.strip("/") for session in sessions)


def drop_state(notebook: dict[str, Any]) -> None:
    """Take out, in place, what would come back to life without the learner running anything."""
    notebook["metadata"].pop(STATE, None)


def drop_views(notebook: dict[str, Any]) -> None:
    """Leave, in place, only the paper form of each output that has one."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if VIEW in data and len(data) > 1:
                del data[VIEW]
