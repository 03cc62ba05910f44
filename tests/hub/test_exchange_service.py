"""The exchange's service without a hub: what it takes, refuses, and survives."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import os
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from hub import desks
from hub.exchange import handlers, uploads
from hub.exchange.__main__ import make_app
from hub.exchange.uploads import Rules, Upload, Uploads
from hub.mover import move_all
from hub.student.exchange import Line, LineError, NotTakenError
from hub.submissions import Limits
from programme.site import Site
from tests.hub.exchanging import PIECE, SECRET, Asker, BadLine, address, bundle, member, packed
from tests.hub.running import COHORT

WEEK = "week01"


@contextmanager
def served(
    site: Site, monkeypatch: pytest.MonkeyPatch, rules: Rules | None = None
) -> Iterator[str]:
    """The service on loopback. A name is its own token; `out-…` is nobody's student."""

    async def who_is(token: str) -> str | None:
        return token if token.isalpha() else None

    async def studies(_site: Site, username: str, cohort: str) -> bool:
        return cohort == COHORT and username in ("sophea", "dara")

    monkeypatch.setattr(handlers, "studies", studies)
    sockets = bind_sockets(0, "127.0.0.1")
    loop = asyncio.new_event_loop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = HTTPServer(make_app(site, who_is, rules=rules))
        server.add_sockets(sockets)
        loop.run_forever()
        server.stop()
        loop.run_until_complete(server.close_all_connections())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)


@pytest.fixture
def service(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with served(bare_site, monkeypatch, Rules(Limits(files=20, bytes=3_000_000))) as url:
        yield url


@pytest.fixture
def sophea(service: str) -> Asker:
    return Asker(service, "sophea")


def outbox(site: Site, student: str = "sophea") -> list[Path]:
    return sorted(desks.outbox(site, COHORT, student).iterdir())


def parts(site: Site, student: str = "sophea") -> list[Path]:
    return sorted(desks.uploads(site, COHORT, student).iterdir())


def test_what_arrives_whole_is_in_the_outbox_for_the_mover(bare_site: Site, sophea: Asker) -> None:
    data = bundle(member("data/notes.txt", b"mine"))
    assert sophea.hand_in(COHORT, WEEK, data).status_code == 200
    (folder,) = outbox(bare_site)
    assert (folder / "data/notes.txt").read_text() == "mine"
    assert parts(bare_site) == []
    path = address(COHORT, WEEK, data)
    assert sophea.ask("GET", path).json()["receipt"]["status"] == "on-its-way"
    (receipt,) = move_all(bare_site)
    assert receipt.status == "received"
    assert sophea.ask("GET", path).json()["receipt"]["at"] == receipt.at


def test_the_same_bytes_are_one_submission(bare_site: Site, sophea: Asker) -> None:
    data = bundle()
    for _ in range(2):
        sophea.hand_in(COHORT, WEEK, data)
        move_all(bare_site)
    assert sophea.ask("GET", address(COHORT, WEEK, data)).json()["offset"] == len(data)
    assert len(list((bare_site.exchange / COHORT / "inbound").iterdir())) == 1


def test_goes_on_where_it_stands(bare_site: Site, sophea: Asker) -> None:
    data = bundle(member("noise.bin", os.urandom(5000)))
    path = address(COHORT, WEEK, data)
    assert sophea.ask("GET", path).json()["offset"] == 0
    assert sophea.piece(path, data[:1000]).json()["offset"] == 1000
    assert sophea.piece(path, data[:1000]).status_code == 409
    assert sophea.ask("GET", path).json() == {"offset": 1000, "receipt": None, "said": ""}
    assert outbox(bare_site) == []
    assert sophea.piece(path, data[1000:], 1000).json()["receipt"]["status"] == "on-its-way"
    assert len(outbox(bare_site)) == 1


def test_two_megabytes_over_a_line_that_drops_three_times(
    bare_site: Site, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bundle(member("noise.bin", os.urandom(2_000_000)))
    waits: list[float] = []
    with BadLine(service, [300_000, 1_000_000, 1_900_000]).open() as line:
        Line(line.url, "sophea", wait=waits.append).send(address(COHORT, WEEK, data), data)
    assert (line.dropped, len(waits)) == (3, 3)
    # Each drop cost the piece of 128 KiB that was under way; the rest are headers.
    assert len(data) < line.sent < len(data) + 3 * (128 << 10) + 30_000
    assert (outbox(bare_site)[0] / "noise.bin").stat().st_size == 2_000_000


def test_a_download_goes_on_too(bare_site: Site, service: str, tmp_path: Path) -> None:
    content = os.urandom(100_000)
    (desks.outbound(bare_site, COHORT) / WEEK / "map.png").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    line = Line(service, "sophea")
    assert line.read(f"files/{COHORT}")["files"] == {f"outbound/{WEEK}/map.png": digest}
    arriving, place = tmp_path / "arriving", tmp_path / "week01" / "map.png"
    arriving.mkdir()
    (arriving / digest).write_bytes(content[:60_000])
    rest = Asker(service, "sophea").ask("GET", f"files/{COHORT}/{digest}", Range="bytes=60000-")
    assert (rest.status_code, rest.content) == (206, content[60_000:])
    with BadLine(service, []).open() as counted:
        Line(counted.url, "sophea").bring(f"files/{COHORT}/{digest}", digest, place, arriving)
    assert counted.received < 45_000
    assert place.read_bytes() == content
    assert list(place.parent.iterdir()) == [place]  # nothing of a week that is not whole


HOSTILE = {
    "absolute": (bundle(member("/etc/passwd", b"x")), "strange-name"),
    "upwards": (bundle(member("../../dara/x.ipynb", b"x")), "strange-name"),
    "upwards inside": (bundle(member("data/../../x", b"x")), "strange-name"),
    "backslash": (bundle(member("..\\x", b"x")), "strange-name"),
    "control": (bundle(member("a\nb", b"x")), "strange-name"),
    "long": (bundle(member("a" * 200, b"x")), "strange-name"),
    "deep": (bundle(member("a/" * 30 + "b", b"x")), "too-deep"),
    "symlink": (bundle(member("l", type=tarfile.SYMTYPE, linkname="/etc/passwd")), "not-a-file"),
    "hard link": (
        bundle(member("l", type=tarfile.LNKTYPE, linkname="practice.ipynb")),
        "not-a-file",
    ),
    "device": (bundle(member("d", type=tarfile.CHRTYPE, devmajor=1, devminor=5)), "not-a-file"),
    "pipe": (bundle(member("p", type=tarfile.FIFOTYPE)), "not-a-file"),
    "twice": (bundle(member("practice.ipynb", b"[]")), "twice"),
    "file as folder": (bundle(member("practice.ipynb/x", b"[]")), "twice"),
    "too many": (bundle(*(member(f"f{n}") for n in range(30))), "too-many"),
    "bomb": (bundle(member("zeros", b"\0" * 40_000_000)), "too-big"),
    "bomb of headers": (
        bundle(*(member(f"{n}" + "x" * 90_000, b"") for n in range(100))),
        "too-big|strange-name",
    ),
    "no archive": (b"#!/bin/sh\n", "not-an-archive"),
    "cut": (bundle()[:-30], "not-an-archive"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_refuses_a_hostile_bundle(bare_site: Site, sophea: Asker, kind: str) -> None:
    data, reason = HOSTILE[kind]
    assert len(data) < 1_000_000
    answer = sophea.hand_in(COHORT, WEEK, data)
    assert answer.status_code in (413, 422)
    assert answer.json()["reason"] in reason.split("|")
    assert outbox(bare_site) == []
    assert parts(bare_site) == []


def test_what_is_no_submission_is_refused_by_the_mover(bare_site: Site, sophea: Asker) -> None:
    data = packed([member("submission_secret.txt", SECRET.encode())])
    assert sophea.hand_in(COHORT, WEEK, data).status_code == 200
    (receipt,) = move_all(bare_site)
    assert (receipt.status, receipt.reason) == ("refused", "no-notebook")
    answer = sophea.ask("GET", address(COHORT, WEEK, data)).json()
    assert answer["receipt"]["status"] == "refused"
    assert "there is no notebook in it" in answer["said"]


def test_a_bomb_costs_no_more_than_the_limit(
    bare_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written for 40 MB of zeros stays below what one submission may hold."""
    data, _ = HOSTILE["bomb"]
    written: list[int] = []
    rmtree = uploads.shutil.rmtree

    def weigh(path: Path, **options: bool) -> None:
        written.append(sum(p.stat().st_size for p in Path(path).rglob("*") if p.is_file()))
        rmtree(path, **options)

    monkeypatch.setattr(uploads.shutil, "rmtree", weigh)
    service = Uploads(bare_site, Rules(Limits(bytes=1_000_000)))
    upload = Upload(COHORT, "sophea", WEEK, len(data), hashlib.sha256(data).hexdigest())
    service.append(upload, 0, data)
    with pytest.raises(uploads.RefusedError, match="too-big"):
        service.settle(upload)
    assert max(written) < 1_000_000


def test_wrong_bytes_are_dropped_and_may_come_again(bare_site: Site, sophea: Asker) -> None:
    data = bundle()
    path = address(COHORT, WEEK, data)
    wrong = bytes([data[0] ^ 1]) + data[1:]
    assert sophea.piece(path, wrong).status_code == 460
    assert (outbox(bare_site), parts(bare_site)) == ([], [])
    assert sophea.piece(path, data).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"uploads/{COHORT}/week09/10/{'0' * 64}", 404),
        (f"uploads/{COHORT}/../10/{'0' * 64}", 404),
        (f"uploads/{COHORT}/%2e%2e/10/{'0' * 64}", 404),
        (f"uploads/{COHORT}/week01/4000000/{'0' * 64}", 413),
        (f"uploads/{COHORT}/week01/0/{'0' * 64}", 413),
        (f"uploads/{COHORT}/week01/10/{'0' * 63}/", 404),
        (f"uploads/other-cohort/week01/10/{'0' * 64}", 403),
        (f"uploads/{COHORT}/dara+week01+x+y/10/{'0' * 64}", 404),
    ],
)
def test_an_address_that_claims_what_is_not_so(
    bare_site: Site, sophea: Asker, path: str, status: int
) -> None:
    assert sophea.piece(path, b"0123456789").status_code == status
    assert (outbox(bare_site), parts(bare_site), parts(bare_site, "dara")) == ([], [], [])


def test_a_piece_says_what_it_is(bare_site: Site, sophea: Asker) -> None:
    data = bundle()
    path = address(COHORT, WEEK, data)
    assert sophea.ask("PATCH", path, data, Upload_Offset="0").status_code == 415
    assert sophea.ask("PATCH", path, data, Upload_Offset="-1", **PIECE).status_code == 415
    assert sophea.piece(path, data + b"more").status_code == 413
    assert sophea.piece(path, data, 5).status_code == 409
    assert parts(bare_site) == []


def test_nobodys_token_and_nobodys_class(bare_site: Site, service: str) -> None:
    data = bundle()
    for path in (f"files/{COHORT}", f"files/{COHORT}/{'0' * 64}", address(COHORT, WEEK, data),
                 f"settings/{COHORT}"):  # fmt: skip
        for method in ("GET", "HEAD", "PATCH"):
            for token, status in (("", 401), ("12345", 401), ("vanna", 403)):
                asked = Asker(service, token).ask(method, path, data)
                assert asked.status_code in (status, 405), (method, path, token)
    cookie = Asker(service, "")
    cookie.headers = {"Cookie": "jupyterhub-session-id=sophea; token=sophea"}
    assert cookie.ask("GET", f"files/{COHORT}").status_code == 401
    assert cookie.ask("GET", f"files/{COHORT}?token=sophea").status_code == 401


def test_another_students_is_not_there(bare_site: Site, service: str, sophea: Asker) -> None:
    mine = desks.feedback(bare_site, COHORT, "sophea") / "abc.html"
    mine.write_text("four points")
    digest = hashlib.sha256(b"four points").hexdigest()
    data = bundle()
    path = address(COHORT, WEEK, data)
    sophea.piece(path, data[:100])
    dara = Asker(service, "dara")
    assert sophea.ask("GET", f"files/{COHORT}").json()["files"] == {"feedback/abc.html": digest}
    assert dara.ask("GET", f"files/{COHORT}").json()["files"] == {}
    assert sophea.ask("GET", f"files/{COHORT}/{digest}").text == "four points"
    assert dara.ask("GET", f"files/{COHORT}/{digest}").status_code == 404
    # The same address is dara's own: nothing is there, and what she sends is hers.
    assert dara.ask("GET", path).json()["offset"] == 0
    assert dara.piece(path, data).status_code == 200
    assert [folder.name.split("+")[0] for folder in outbox(bare_site, "dara")] == ["dara"]
    assert outbox(bare_site) == []
    assert sophea.ask("GET", path).json()["offset"] == 100


def test_links_are_not_followed_whoever_made_them(
    bare_site: Site, sophea: Asker, tmp_path: Path
) -> None:
    """An instructor's own files may be links to what she may not read."""
    treasure = tmp_path / "gradebook"
    treasure.mkdir()
    (treasure / "marks.txt").write_text("everybody's marks")
    week = desks.outbound(bare_site, COHORT) / WEEK
    (week / "file.txt").symlink_to(treasure / "marks.txt")
    (week / "folder").symlink_to(treasure)
    os.mkfifo(week / "pipe")
    assert sophea.ask("GET", f"files/{COHORT}").json()["files"] == {}
    digest = hashlib.sha256(b"everybody's marks").hexdigest()
    assert sophea.ask("GET", f"files/{COHORT}/{digest}").status_code == 404


def test_too_often_and_too_many(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(bare_site, monkeypatch, Rules(unfinished_each=2, begun_an_hour=4)) as url:
        sophea = Asker(url, "sophea")
        for number in range(4):
            data = bundle(secret=f"{number}" * 64)
            assert sophea.piece(address(COHORT, WEEK, data), data[:10]).status_code == 200
            assert len(parts(bare_site)) == min(number + 1, 2)
        data = bundle()
        answer = sophea.hand_in(COHORT, WEEK, data)
        assert (answer.status_code, answer.json()["reason"]) == (429, "too-often")
        assert Asker(url, "dara").hand_in(COHORT, WEEK, data).status_code == 200


def test_a_full_disk_is_said_and_loses_nothing(
    bare_site: Site, sophea: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bundle()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "unpack", full)
        assert sophea.hand_in(COHORT, WEEK, data).status_code == 507
    assert outbox(bare_site) == []
    assert sophea.ask("GET", address(COHORT, WEEK, data)).json()["offset"] == len(data)
    assert len(outbox(bare_site)) == 1


def test_what_was_given_up_is_removed_and_what_was_whole_goes_on(bare_site: Site) -> None:
    data = bundle()
    now = [time.time()]
    service = Uploads(bare_site, clock=lambda: now[0])
    whole = Upload(COHORT, "sophea", WEEK, len(data), hashlib.sha256(data).hexdigest())
    given_up = Upload(COHORT, "dara", WEEK, 50, "0" * 64)
    service.append(whole, 0, data)  # and killed before it was settled
    service.append(given_up, 0, b"x" * 10)
    service.sweep()
    assert (len(outbox(bare_site)), parts(bare_site)) == (1, [])
    (part,) = parts(bare_site, "dara")
    os.utime(part, (now[0], now[0]))
    service.sweep()
    assert parts(bare_site, "dara") == [part]
    now[0] += service.rules.kept_s + 1
    service.sweep()
    assert parts(bare_site, "dara") == []


def test_settings_lead_no_token_over_an_open_line(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch, sophea: Asker
) -> None:
    path = f"settings/{COHORT}"
    there = sophea.ask("GET", path)
    assert f'use(c, "{sophea.url}")' in there.text
    compile(there.text, "nbgrader_config.py", "exec")
    elsewhere = sophea.ask("GET", path, Host="school.example.org")
    assert (elsewhere.status_code, elsewhere.json()["reason"]) == (503, "no-address")
    named = dataclasses.replace(bare_site, public_url="https://school.example.org")
    with served(named, monkeypatch) as url:
        text = Asker(url, "sophea").ask("GET", path).text
    assert 'use(c, "https://school.example.org")' in text


def test_what_somebody_else_answers_is_no_refusal(service: str) -> None:
    """A hub that starts, or a café's login page: what waits to be sent must go on waiting."""
    waits: list[float] = []
    line = Line(f"{service}/elsewhere", "sophea", tries=3, wait=waits.append)
    with pytest.raises(LineError, match="can't be reached") as failure:
        line.send(address(COHORT, WEEK, bundle()), bundle())
    assert not isinstance(failure.value, NotTakenError)
    assert len(waits) == 2
    with pytest.raises(NotTakenError, match="not open"):
        Line(service, "sophea").send(address(COHORT, "week09", bundle()), bundle())


def test_the_client_sends_its_token_nowhere_else(service: str) -> None:
    with pytest.raises(LineError, match="token"):
        Line(service, "12345").read(f"files/{COHORT}")
    with pytest.raises(LineError, match="go"):
        Line("http://127.0.0.1:9", "sophea", tries=2, wait=lambda _: None).read("files/x")
