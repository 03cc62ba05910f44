"""A real headless Chromium, with the fonts that the hub serves: the machine may have no Khmer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.hub.running import password

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_khmer")


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fontconfig file that knows our fonts besides the system's."""
    folder = tmp_path_factory.mktemp("fonts")
    places = {Path(str(files(package))) / "files" for package in FONT_PACKAGES}
    folders = "".join(f"<dir>{place}</dir>" for place in sorted(places))
    config = folder / "fonts.conf"
    config.write_text(
        "<?xml version='1.0'?><fontconfig>"
        "<include ignore_missing='yes'>/etc/fonts/fonts.conf</include>"
        f"{folders}<cachedir>{folder}</cachedir></fontconfig>"
    )
    return config


@pytest.fixture(scope="session")
def browser(fonts: Path) -> Iterator[Browser]:
    """One Chromium for the run."""
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), env=environment
        )
        yield chromium
        chromium.close()


def sign_in(page: Page, hub: str, username: str) -> None:
    """Open the hub (its address) and send its form, with the known password of a test's user."""
    page.goto(f"{hub}/hub/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password(username))
    page.locator("form button").first.click()
