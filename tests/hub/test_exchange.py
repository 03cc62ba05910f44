"""The exchange over HTTP in a real hub: nbgrader's own commands on a computer of her own.

`sophea` works at home; `dara` tries to get at her work.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from hub import accounts, desks, processes, shared
from programme import roster
from programme.people import Person
from programme.site import Site
from tests.hub.client import Visitor
from tests.hub.exchanging import Asker, BadLine, address, bundle, member
from tests.hub.running import (
    COHORT,
    FIRST_DAY,
    INSTRUCTOR,
    STAFF,
    RunningHub,
    password,
    release_feedback,
    wait_until,
)

pytestmark = [pytest.mark.hub, pytest.mark.slow]
SETTINGS = {"SOC_EXCHANGE_HTTP": "1"}
SCOPE = "access:services!service=exchange"
WEEK = "week01"
Token = Callable[..., str]


@pytest.fixture(scope="module")
def url(hub: RunningHub) -> str:
    return f"{hub.url}/services/exchange"


@pytest.fixture(scope="module")
def people(hub: RunningHub) -> Callable[[str], Visitor]:
    """Somebody who has signed in; no server of hers is waited for."""
    visitors: dict[str, Visitor] = {}

    def signed_in(username: str) -> Visitor:
        if username not in visitors:
            visitors[username] = Visitor(hub.url, username)
            visitors[username].sign_in(password(username))
        return visitors[username]

    return signed_in


@pytest.fixture(scope="module")
def token(people: Callable[[str], Visitor]) -> Token:
    """A token as she makes it herself on the hub's page."""

    def make(username: str, *scopes: str) -> str:
        answer = _tokens(people(username), "POST", "", {"scopes": scopes or [SCOPE]})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    return make


def _tokens(
    visitor: Visitor, method: str, which: str = "", body: object = None
) -> requests.Response:
    visitor.get("/hub/token")
    return visitor.session.request(
        method, f"{visitor.hub}/hub/api/users/{visitor.username}/tokens{which}", json=body,
        headers={"X-XSRFToken": visitor.session.cookies.get("_xsrf", path="/hub/") or "",
                 "Sec-Fetch-Mode": "cors"}, timeout=60,
    )  # fmt: skip


class Laptop:
    """A computer with nbgrader, the hub's settings and her token; `url` as it reaches the hub."""

    def __init__(self, home: Path, url: str, token: str) -> None:
        self.home, self.work = home, home / "school"
        self.work.mkdir(parents=True)
        settings = Asker(url, token).ask("GET", f"settings/{COHORT}")
        assert settings.status_code == 200, settings.text
        (home / ".jupyter").mkdir()
        (home / ".jupyter/nbgrader_config.py").write_text(settings.text)
        (home / ".jupyter/school-token").write_text(f"{token}\n")

    def nbgrader(self, *arguments: str) -> str:
        """What the command said; it must succeed."""
        done = self.try_nbgrader(*arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def try_nbgrader(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `nbgrader …` in her folder, knowing nothing of the hub's environment."""
        return subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            cwd=self.work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=300, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def laptop(url: str, token: Token, tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    return Laptop(tmp_path_factory.mktemp("laptop") / "home", url, token("sophea"))


def _inbound(site: Site, student: str) -> list[Path]:
    return sorted(site.cohort(COHORT).inbound.glob(f"{student}+{WEEK}+*"))


# nbgrader's release_feedback misspells an argument and leaves a file to the garbage collector.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:unclosed file .*timestamp.txt:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_fetch_submit_receipt_and_feedback_by_nbgraders_commands(
    laptop: Laptop, site: Site
) -> None:
    assert f"{COHORT} {WEEK}" in laptop.nbgrader("list")
    laptop.nbgrader("fetch_assignment", WEEK)
    released = site.cohort(COHORT).outbound / WEEK
    fetched = laptop.work / WEEK
    assert {p.name for p in released.iterdir()} == {p.name for p in fetched.iterdir()}
    (fetched / "answers.json").write_text('{"w01-p1": "ស្រី"}')
    said = laptop.nbgrader("submit", WEEK)
    (arrived,) = _inbound(site, "sophea")
    assert f"Received: {arrived.name.split('+')[2]}" in said
    assert (arrived / "answers.json").read_text() == '{"w01-p1": "ស្រី"}'
    release_feedback(site, "sophea")
    desk = desks.feedback(site, COHORT, "sophea")
    wait_until(lambda: any(desk.glob("*.html")), 30, "feedback is on her desk")
    laptop.nbgrader("fetch_feedback", WEEK)
    (page,) = fetched.glob("feedback/*/practice.html")
    assert "Well done" in page.read_text()


def test_a_submission_that_was_cut_off_goes_on_with_the_next_command(
    laptop: Laptop, url: str, site: Site
) -> None:
    """The line drops for good; the same command goes on, and makes no second submission."""
    before = len(_inbound(site, "sophea"))
    (laptop.work / WEEK / "noise.bin").write_bytes(os.urandom(900_000))
    settings = laptop.home / ".jupyter/nbgrader_config.py"
    good = settings.read_text()
    with BadLine(url, [600_000]).open() as line:
        impatient = good.replace(url, line.url) + "\nc.FromHub.tries = 1\n"
        settings.write_text(impatient)
        done = laptop.try_nbgrader("submit", WEEK)
        assert done.returncode != 0
        assert "your work is kept" in done.stdout
        assert line.dropped == 1
        already = line.sent
        assert already < 700_000
        laptop.nbgrader("submit", WEEK)
        assert line.sent - already < 500_000 + (128 << 10)
    settings.write_text(good)
    assert len(_inbound(site, "sophea")) == before + 1
    (laptop.work / WEEK / "noise.bin").unlink()


def test_nothing_acknowledged_is_lost_when_the_service_is_killed(
    hub: RunningHub, url: str, token: Token, site: Site
) -> None:
    """kill -9 in the middle of 2 MB, and once more when the last piece is answered."""
    from hub.student.exchange import Line

    data = bundle(member("noise.bin", os.urandom(2_000_000)), secret="ab" * 32)
    path = address(COHORT, WEEK, data)
    hers = Asker(url, token("chenda"))
    assert hers.piece(path, data[:200_000]).json()["offset"] == 200_000
    killed: list[float] = []

    def kill_once_and_wait(seconds: float) -> None:
        """What the client does when its line has dropped: wait. Meanwhile the service is killed."""
        if not killed:
            _kill_service(hub)
        killed.append(seconds)
        time.sleep(seconds)

    with BadLine(url, [1_000_000]).open() as through:
        Line(through.url, hers.headers["Authorization"].split()[1], wait=kill_once_and_wait).send(
            path, data
        )
        assert killed
        assert through.sent < len(data) - 200_000 + 3 * (128 << 10)
    _kill_service(hub)
    wait_until(lambda: len(_inbound(site, "chenda")) == 1, 30, "it is in the exchange")
    (arrived,) = _inbound(site, "chenda")
    assert (arrived / "noise.bin").stat().st_size == 2_000_000
    wait_until(lambda: hers.ask("GET", path).ok, 60, "the service is back")
    assert hers.ask("GET", path).json()["receipt"]["status"] == "received"


def _kill_service(hub: RunningHub) -> None:
    assert hub.process
    for pid in processes.family(hub.process.pid):
        if b"\0hub.exchange\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
            return
    raise AssertionError("the service does not run")


@pytest.fixture(scope="module")
def work_of_sophea(url: str, token: Token, site: Site) -> list[tuple[str, str, bytes]]:
    """All that may be asked for of hers: method, path, and what it must not give to others."""
    mark = b"only sophea may read this"
    (desks.feedback(site, COHORT, "sophea") / "secret.html").write_bytes(mark)
    data = bundle(member("diary.txt", mark), secret="cd" * 32)
    path = address(COHORT, WEEK, data)
    assert Asker(url, token("sophea")).hand_in(COHORT, WEEK, data).status_code == 200
    digest = hashlib.sha256(mark).hexdigest()
    return [
        ("GET", f"files/{COHORT}", digest.encode()),
        ("GET", f"files/{COHORT}/{digest}", mark),
        ("GET", path, b"sophea+"),
        ("PATCH", path, b""),
        ("GET", f"settings/{COHORT}", b""),
    ]


def test_another_students_token_gets_nothing_of_hers(
    url: str, token: Token, site: Site, work_of_sophea: list[tuple[str, str, bytes]]
) -> None:
    dara = Asker(url, token("dara"))
    hers = Asker(url, token("sophea"))
    for method, path, secret in work_of_sophea:
        answer = dara.ask(method, path)
        assert not secret or secret not in answer.content, path
        if secret:
            assert secret in hers.ask(method, path).content, path
    path = work_of_sophea[2][1]
    assert dara.ask("GET", path).json() == {"offset": 0, "receipt": None, "said": ""}
    assert hers.ask("GET", path).json()["offset"] > 0
    # What dara sends is dara's, whatever it says inside.
    forged = bundle(member("sophea+week01+2020+x/practice.ipynb", b"forged"), secret="ef" * 32)
    assert dara.hand_in(COHORT, WEEK, forged).status_code == 200
    wait_until(lambda: len(_inbound(site, "dara")) == 1, 30, "it is moved")
    assert "2020" not in _inbound(site, "dara")[0].name
    files = [file for sent in _inbound(site, "sophea") for file in sent.rglob("*.*")]
    assert files
    assert not [file for file in files if file.is_file() and file.read_bytes() == b"forged"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (INSTRUCTOR, 403),
        (STAFF, 403),
        ("a service", 401),
        ("nobody", 401),
        ("a stranger", 401),
        ("sophea's cookies", 401),
        ("sophea without the scope", 401),
        ("sophea's revoked token", 401),
        ("who has left", 403),
    ],
)
def test_each_route_asks_who_it_is(
    hub: RunningHub,
    url: str,
    token: Token,
    people: Callable[[str], Visitor],
    site: Site,
    work_of_sophea: list[tuple[str, str, bytes]],
    who: str,
    status: int,
) -> None:
    asker = _asker(who, url, token, people, site)
    for method, path, _ in work_of_sophea:
        wait_until(lambda m=method, p=path: asker.ask(m, p).status_code == status, 15,
                   f"{who}: {method} {path} is answered by {status}")  # fmt: skip


def _asker(who: str, url: str, token: Token, people: Callable[[str], Visitor], site: Site) -> Asker:
    made: dict[str, Callable[[], Asker]] = {
        INSTRUCTOR: lambda: Asker(url, token(INSTRUCTOR)),
        STAFF: lambda: Asker(url, token(STAFF)),
        "a service": lambda: Asker(url, shared.secret(desks.state(site), shared.METRICS)),
        "nobody": lambda: _with_headers(url, {}),
        "a stranger": lambda: Asker(url, "0" * 32),
        "sophea's cookies": lambda: _with_headers(url, {"Cookie": _cookies(people("sophea"))}),
        "sophea without the scope": lambda: Asker(url, token("sophea", "read:users!user=sophea")),
        "sophea's revoked token": lambda: _revoked(url, token, people("sophea")),
        "who has left": lambda: _who_has_left(url, token, site),
    }
    return made[who]()


def _with_headers(url: str, headers: dict[str, str]) -> Asker:
    asker = Asker(url, "")
    asker.headers = headers
    return asker


def _cookies(visitor: Visitor) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.session.cookies)


def _revoked(url: str, token: Token, visitor: Visitor) -> Asker:
    before = {one["id"] for one in _tokens(visitor, "GET").json()["api_tokens"]}
    asker = Asker(url, token("sophea"))
    assert asker.ask("GET", f"files/{COHORT}").status_code == 200
    (new,) = {one["id"] for one in _tokens(visitor, "GET").json()["api_tokens"]} - before
    assert _tokens(visitor, "DELETE", f"/{new}").status_code == 204
    return asker


def _who_has_left(url: str, token: Token, site: Site) -> Asker:
    roster.enrol(site, [Person("rachana", "Rachana Sok")], COHORT, "student", on=FIRST_DAY)
    accounts.set_password(site, "rachana", password("rachana"))
    asker = Asker(url, token("rachana"))
    assert asker.ask("GET", f"files/{COHORT}").status_code == 200
    roster.withdraw(site, "rachana", COHORT, "moved away", on=FIRST_DAY)
    return asker


def test_it_is_among_what_is_watched(site: Site) -> None:
    wait_until((desks.state(site) / "alive" / "exchange").exists, 30, "a sign of life")
