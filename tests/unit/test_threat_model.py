"""Each line of the threat model names a test, and that test is there."""

from __future__ import annotations

import re

import pytest

from programme.site import CHECKOUT

LINES = [
    line
    for line in (CHECKOUT / "docs/threat-model.md").read_text().splitlines()
    if line.startswith("|")
][2:]


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line.split("|")[1].strip()[:40]))
def test_the_test_it_names_is_there(line: str) -> None:
    named = re.search(r"`(tests/\S+\.py)::(test_\w+)` \|$", line)
    assert named, line
    file, name = named.groups()
    assert re.search(rf"^def {name}\(", (CHECKOUT / file).read_text(), re.MULTILINE)
