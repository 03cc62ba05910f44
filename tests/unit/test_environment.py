"""One environment, written three ways: pyproject.toml, requirements.lock, environment.yml."""

from __future__ import annotations

import re
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

CHECKOUT = Path(__file__).parents[2]


def wanted() -> list[Requirement]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    texts = project["dependencies"] + project["optional-dependencies"]["dev"]
    return [Requirement(text) for text in texts]


def locked() -> dict[str, set[Version]]:
    lines = (CHECKOUT / "requirements.lock").read_text()
    versions: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[\S*\])?==([^\s;]+)", lines, re.MULTILINE):
        versions.setdefault(name, set()).add(Version(version))
    return versions


def for_conda() -> dict[str, Version]:
    listed = yaml.safe_load((CHECKOUT / "environment.yml").read_text())["dependencies"]
    from_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    pairs = [re.split("=+", entry) for entry in [*listed, *from_pip] if isinstance(entry, str)]
    return {pair[0]: Version(pair[1]) for pair in pairs if len(pair) == 2 and ">" not in pair[0]}


def test_the_lock_holds_what_the_project_asks_for() -> None:
    versions = locked()
    for requirement in wanted():
        assert versions[requirement.name], requirement
        assert all(version in requirement.specifier for version in versions[requirement.name])


def test_conda_users_get_the_locked_versions() -> None:
    conda, versions = for_conda(), locked()
    assert {requirement.name for requirement in wanted()} == set(conda)
    for name, version in conda.items():
        assert version in versions[name], f"environment.yml has {name} {version}"


def test_every_locked_package_has_hashes() -> None:
    text = (CHECKOUT / "requirements.lock").read_text()
    pins = re.findall(r"^[\w.-]+(?:\[\S*\])?==.*", text, re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(CHECKOUT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(built).namelist()


def test_the_wheel_carries_code_and_what_the_code_reads(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    code = {"autograder", "widgets", "programme", "hub", "soc"}
    assert {top for top in tops if not top.endswith(".dist-info")} == code
    packed = set(wheel)
    for package in code:
        for path in (CHECKOUT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert str(path.relative_to(CHECKOUT)) in packed


def test_the_wheel_carries_no_course_and_no_tests(wheel: list[str]) -> None:
    carried = [name for name in wheel if name.endswith(".ipynb") or "test_" in name]
    # What `soc new-week` makes a week from is the command's own, and is no part of the course.
    assert [name for name in carried if not name.startswith("soc/authoring/skeleton/")] == []
