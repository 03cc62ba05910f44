"""Does the gallery run from top to bottom, and show what is stored? By nbval."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
GALLERY = CHECKOUT / "docs" / "gallery.ipynb"


def test_the_gallery_shows_what_is_stored() -> None:
    command = [*(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")]
    command += ["--nbval", str(GALLERY), "--nbval-cell-timeout", "30", "-W", "ignore"]
    run = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:]


def test_the_gallery_carries_no_widget_s_state() -> None:
    text = GALLERY.read_text(encoding="utf-8")
    assert "widget-view+json" not in text
    assert "widget-state+json" not in text
