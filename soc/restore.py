"""Bring a backup back on an empty machine.

Rule: everything is unpacked beside its place, compared with the manifest, and only then are
databases filled and the folder given its name. What holds anything is refused as a place.
"""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from pathlib import Path

from programme.site import Site
from programme.store import ensure_database
from soc import archive
from soc.archive import Manifest
from soc.backup import HUB_DATABASE, postgres_urls
from soc.database import ensure_database_exists, fill, is_empty
from soc.errors import SocError


def restore(backup: Path, to: Path, *, key_file: Path | None, database: str = "") -> Manifest:
    """Make the data folder `to` from `backup`; what was in it.

    `database` is a URL with `{cohort}`, as for `soc init`, when PostgreSQL is elsewhere now.
    Raises SocError for a broken backup, a wrong key, or a place that isn't empty.
    """
    to = to.expanduser().resolve()
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise SocError(f"{to} is not empty. Name a folder that isn't there yet.")
    to.parent.mkdir(parents=True, exist_ok=True)
    unpacked = to.with_name(f".{to.name}.restoring")
    shutil.rmtree(unpacked, ignore_errors=True)  # left by a kill
    try:
        unpacked.mkdir(mode=0o700)
        manifest = _unpack(backup, unpacked, key_file)
        data = unpacked / archive.DATA
        data.chmod(0o700)
        if database:
            _choose_database(data, manifest, database)
        _fill_databases(data, manifest, unpacked)
        if to.is_dir():
            to.rmdir()
        data.rename(to)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    ensure_database(Site.open(to).programme_url)
    return manifest


def _unpack(backup: Path, place: Path, key_file: Path | None) -> Manifest:
    """Unpack and compare. Raises SocError when one file isn't what the manifest says."""
    found: dict[str, str] = {}
    manifest = None
    with archive.read(backup, key_file) as tar:
        for entry in tar:
            if entry.name == archive.MANIFEST:
                text = tar.extractfile(entry)
                manifest = Manifest.from_json(text.read() if text else b"{}")
            else:
                # Links of a student may lead anywhere: nothing is ever unpacked through one.
                tar.extract(entry, place, filter="tar", numeric_owner=True)
                if entry.isreg():
                    found[entry.name] = _checksum(place / entry.name)
    if manifest is None:
        raise SocError(f"{backup} was cut off: it has no manifest. Take another one.")
    wrong = sorted(set(found.items()) ^ {(n, e.sha256) for n, e in manifest.files.items()})
    if wrong:
        raise SocError(f"{backup} is damaged at {wrong[0][0]!r}. Take another one.")
    _set_modes(place, manifest)
    return manifest


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _set_modes(place: Path, manifest: Manifest) -> None:
    """As they were: unpacking takes away the right that marks a submission as complete."""
    for name, entry in manifest.files.items():
        (place / name).chmod(entry.mode)
    for name, mode in reversed(manifest.folders.items()):
        (place / name).chmod(mode)


def _choose_database(data: Path, manifest: Manifest, database: str) -> None:
    if "programme" not in manifest.dumps:
        raise SocError("This backup is of SQLite databases: restore it without --database.")
    file = data / "soc.toml"
    old = tomllib.loads(file.read_text(encoding="utf-8"))
    chosen = {**old, "programme_url": database.format(cohort="programme"),
              "gradebook_url": database}  # fmt: skip
    lines = [f'{name} = "{value}"' for name, value in chosen.items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _fill_databases(data: Path, manifest: Manifest, unpacked: Path) -> None:
    """Fill the databases that soc.toml names, after all were found empty."""
    if not manifest.dumps:
        return
    urls = postgres_urls(Site.open(data))
    missing = sorted(set(manifest.dumps) - set(urls))
    if missing:
        hint = f" Set {HUB_DATABASE} to the hub's database." if "hub" in missing else ""
        raise SocError(f"The backup has databases of which nothing says where: {missing}.{hint}")
    for what in manifest.dumps:
        if not is_empty(urls[what]):
            raise SocError(f"The database of {what} is not empty. Nothing was changed in it.")
    for what, name in manifest.dumps.items():
        ensure_database_exists(urls[what])
        with (unpacked / name).open("rb") as file:
            fill(urls[what], file)
