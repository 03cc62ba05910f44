"""Each test runs in a week's folder of its own, as a notebook's kernel does."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "week02"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOC_SURVEYS", str(tmp_path / "surveys"))
    monkeypatch.delenv("SOC_LANGUAGE", raising=False)
    return folder
