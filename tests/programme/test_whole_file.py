"""Files that are there whole or not at all, and open to nobody on the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from programme.whole_file import FOR_ITS_OWNER, FileError, new_file, write_whole


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_is_closed_until_it_is_whole(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    with new_file(file, mode=mode) as made:
        made.write_bytes(b"secret")
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert not file.exists()
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]


def stopped(file: Path, failure: BaseException) -> None:
    with new_file(file) as made:
        made.write_bytes(b"half of the ne")
        raise failure


@pytest.mark.parametrize(
    ("failure", "seen"),
    [(OSError("No space"), FileError), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, failure: BaseException, seen: type[BaseException]
) -> None:
    file = tmp_path / "report.pdf"
    write_whole(file, b"old")
    with pytest.raises(seen):
        stopped(file, failure)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    other, file = tmp_path / "other", tmp_path / "key.pem"
    other.write_bytes(b"hers")
    file.symlink_to(other)
    write_whole(file, b"secret", mode=FOR_ITS_OWNER)
    assert (other.read_bytes(), file.is_symlink()) == (b"hers", False)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere/x\.pdf can't be written"):
        write_whole(tmp_path / "nowhere" / "x.pdf", b"")
