"""Another front end than Jupyter's: what VS Code's renderer and JupyterLite's kernel may do.

A kernel is spoken to by the comm messages of the widget protocol alone, and the widget is drawn in
an empty page by a host that has what anywidget's front-end module promises and nothing of Jupyter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from playwright.sync_api import Browser, Page, expect

from tests.browser.widgets.cells import ALL, FILES, PREDICT

PATIENCE_S = 60
HOST = """async ([text, bare]) => {
  // Pyodide hands a None over as nothing at all, where JSON says null.
  const given = (text) => JSON.parse(text, (_, v) => (bare && v === null ? undefined : v));
  const listeners = {};
  const held = given(text);
  window.sent = [];
  window.model = {
    get: (name) => held[name],
    set: (name, value) => { held[name] = value; },
    save_changes() {},
    on: (event, f) => (listeners[event] ??= []).push(f),
    off: (event, f) => { listeners[event] = (listeners[event] ?? []).filter((one) => one !== f); },
    send: (content) => { window.sent.push(content); },
  };
  window.hear = (event, content) => (listeners[event] ?? []).forEach((f) => f(content));
  window.update = (text) => {
    const changes = given(text);
    Object.assign(held, changes);
    for (const name of Object.keys(changes)) hear(`change:${name}`);
  };
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = held._css;
  const url = URL.createObjectURL(new Blob([held._esm], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const el = document.body.appendChild(document.createElement("div"));
  await widget.initialize?.({ model: window.model });
  await widget.render({ model: window.model, el });
}"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    folder = tmp_path_factory.mktemp("week01")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    manager, client = start_new_kernel(cwd=str(folder), startup_timeout=PATIENCE_S)
    client.execute("import os; os.environ['SOC_SURVEYS'] = 'private'")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _card(kernel: BlockingKernelClient, cell: str) -> tuple[str, dict[str, Any]]:
    """The comm that a cell's widget opens, and its state once the cell has run."""
    states: dict[str, dict[str, Any]] = {}
    for message in _messages(kernel, kernel.execute(cell)):
        content = message["content"]
        if message["msg_type"] == "comm_open":
            states[content["comm_id"]] = content["data"]["state"]
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "update":
            states[content["comm_id"]].update(content["data"]["state"])
    return next((comm, state) for comm, state in states.items() if "_esm" in state)


def _messages(kernel: BlockingKernelClient, request: str) -> list[dict[str, Any]]:
    """What the kernel publishes for a request until it is idle again."""
    heard: list[dict[str, Any]] = []
    while True:
        message = kernel.get_iopub_msg(timeout=PATIENCE_S)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["content"].get("execution_state") == "idle":
            return heard
        heard.append(message)


@pytest.mark.parametrize("bare", [False, True], ids=["as JSON", "None is nothing"])
def test_every_widget_draws_itself_without_jupyter(
    kernel: BlockingKernelClient, browser: Browser, bare: bool
) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name, cell in ALL.items():
        _, state = _card(kernel, cell)
        assert (state["_model_module"], state["_view_name"]) == ("anywidget", "AnyView")
        page.evaluate(HOST, [json.dumps(state), bare])
        assert page.locator(".soc").last.locator(".soc-body > *").count() > 0, name
    page.close()
    assert errors == []


def test_an_answer_goes_by_comm_messages_alone(
    kernel: BlockingKernelClient, browser: Browser, tmp_path: Path
) -> None:
    kernel.execute(f"os.chdir({str(tmp_path)!r})")
    comm, state = _card(kernel, PREDICT)
    page = browser.new_page()
    page.evaluate(HOST, [json.dumps(state), False])
    page.get_by_label("23", exact=True).check()
    page.get_by_role("button", name="Keep my prediction").click()
    _carry(kernel, page, comm)
    expect(page.get_by_text("Text sticks together")).to_be_visible()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.close()
    assert json.loads((tmp_path / "answers.json").read_text())["answers"]["w01-p1"]["value"] == "b"


def _carry(kernel: BlockingKernelClient, page: Page, comm: str) -> None:
    """Take the page's report to the kernel, and the kernel's messages to the page."""
    report = page.evaluate("() => window.sent.shift()")
    content = {"comm_id": comm, "data": {"method": "custom", "content": report}}
    message = kernel.session.msg("comm_msg", content)
    kernel.shell_channel.send(message)
    for heard in _messages(kernel, message["header"]["msg_id"]):
        data = heard["content"].get("data", {})
        if data.get("method") == "update":
            page.evaluate("(text) => window.update(text)", json.dumps(data["state"]))
        elif data.get("method") == "custom":
            page.evaluate("(content) => window.hear('msg:custom', content)", data["content"])
