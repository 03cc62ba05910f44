"""A real Jupyter server with Notebook 7, a real headless Chromium, and a notebook in it.

One server a test process; each test has a folder, a notebook and a kernel of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    expect,
)

PATIENCE_MS = 40_000
START_S = 60
RUN_ALL = """() => {
  window.socHasRun = false;
  const run = window.jupyterapp.commands.execute("notebook:run-all-cells");
  run.then(() => { window.socHasRun = true; });
}"""
RESTART = """() => {
  const context = window.jupyterapp.shell.currentWidget.context.sessionContext;
  return context.session.kernel.restart();
}"""
KERNEL_IS_READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.context?.sessionContext;
  return context?.isReady && context.session?.kernel?.status === "idle";
}"""

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder drive a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Server:
    """A running Jupyter server: where it is and which folder it serves."""

    url: str
    token: str
    root: Path

    def api(self, method: str, path: str) -> Any:
        """Call the server's REST API."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            body = answer.read()
        return json.loads(body) if body else None


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    base = tmp_path_factory.mktemp("jupyter")
    root = base / "work"
    root.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "HOME": str(base),
        "JUPYTER_CONFIG_DIR": str(base / "config"),
        "JUPYTER_DATA_DIR": str(base / "data"),
        "JUPYTER_RUNTIME_DIR": str(base / "runtime"),
        "IPYTHONDIR": str(base / "ipython"),
        "SOC_SURVEYS": str(base / "surveys"),
        "PYTHONWARNINGS": "default",
    }
    command = [
        *(sys.executable, "-m", "notebook", "--no-browser", "--allow-root"),
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.news_url=None",
        "--LabServerApp.news_url=None",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.expose_app_in_browser=True",
        "--ServerApp.contents_manager_class=widgets.notebooks.Notebooks",
        "--Notebooks.delete_to_trash=False",
    ]
    with (base / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            running = Server(f"http://127.0.0.1:{port}", token, root)
            _wait_until_up(running, process, base / "server.log")
            yield running
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            server.api("GET", "status")
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    raise RuntimeError(f"The Jupyter server did not start:\n{log.read_text()[-3000:]}")


def _is_ours(error: Error) -> bool:
    """anywidget loads a widget's code from a blob; Jupyter's own files come from the server."""
    return "blob:" in (error.stack or "")


@dataclass
class Lesson:
    """A notebook that is open in the browser."""

    page: Page
    server: Server
    folder: Path
    errors: list[str]

    @property
    def answers(self) -> dict[str, Any]:
        """What answers.json holds now."""
        path = self.folder / "answers.json"
        return json.loads(path.read_text())["answers"] if path.exists() else {}

    @property
    def widgets(self) -> Locator:
        """The widgets in the notebook's outputs."""
        return self.page.locator(".jp-OutputArea .soc")

    def run_all(self) -> None:
        """Wait for the kernel, run every cell, wait until all have run."""
        self.page.wait_for_function(KERNEL_IS_READY)
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("() => window.socHasRun")

    def save(self) -> None:
        """Save the notebook, as Ctrl-S does, and wait until it is on the disk."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def restart(self) -> None:
        """Restart the kernel as the page's menu does, and wait until the page is connected again.

        By the server's API alone, the page still calls the dying kernel idle for a
        moment, and what is run in that moment is lost.
        """
        self.page.evaluate(RESTART)

    def stop_kernel(self) -> None:
        """End every session, as a server does that was idle for long."""
        for one in self.server.api("GET", "sessions"):
            self.server.api("DELETE", f"sessions/{one['id']}")

    def axe(self, within: str = ".soc") -> list[str]:
        """What axe-core has against the widgets as they are now."""
        self.page.locator(within).first.wait_for()
        found = Axe().run(self.page, context=within)
        return [
            f"{rule['id']}: {node['html'][:120]}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]

    def shot(self, name: str) -> None:
        """A picture of each widget, when SOC_SHOTS names a folder."""
        folder = os.environ.get("SOC_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for number, widget in enumerate(self.widgets.all()):
                widget.screenshot(path=f"{folder}/{name}-{number}.png")


OpenLesson = Callable[..., Lesson]


@pytest.fixture
def lesson(
    server: Server, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[OpenLesson]:
    """`lesson(cells, **context options)` opens a notebook with these cells and runs them."""
    contexts: list[BrowserContext] = []
    folders: list[Path] = []

    def open_lesson(
        cells: Sequence[str],
        *,
        language: str = "en",
        dark: bool = False,
        beside: dict[str, str] | None = None,
        run: bool = True,
        frontend: str = "notebooks",
        **options: Any,
    ) -> Lesson:
        folder = server.root / f"{request.node.name.replace('[', '-').rstrip(']')}-{len(folders)}"
        folder.mkdir()
        folders.append(folder)
        for name, text in (beside or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        start = f"import os; os.environ['SOC_LANGUAGE'] = {language!r}"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in [start, *cells]],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        nbformat.write(notebook, folder / "lesson.ipynb")
        context = browser.new_context(**{"viewport": {"width": 1000, "height": 1400}, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)) if _is_ours(error) else None)
        opened = Lesson(page, server, folder, errors)
        path = (folder / "lesson.ipynb").relative_to(server.root)
        page.goto(f"{server.url}/{frontend}/{path}?token={server.token}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        theme = (
            "JupyterLab Dark" if dark else "JupyterLab Light"
        )  # the server remembers the last one
        page.wait_for_function(
            "() => window.jupyterapp?.commands.hasCommand('apputils:change-theme')"
        )
        page.evaluate(
            "(theme) => void window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
            theme,
        )
        page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
        if run:
            opened.run_all()
        return opened

    yield open_lesson
    for context in contexts:
        context.close()
    for one in server.api("GET", "sessions"):
        with contextlib.suppress(urllib.error.HTTPError):
            server.api("DELETE", f"sessions/{one['id']}")
