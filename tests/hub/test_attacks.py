"""What a student can't do from inside her own kernel, or with her own cookies, in a real hub.

`sophea` attacks, `dara` is the victim. Each test tries the thing for real and then looks whether it
worked, in the kernel's answer and on the disk outside.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from hub import desks, processes, servers
from programme.site import CHECKOUT, Site
from tests.hub.client import Visitor
from tests.hub.running import COHORT, INSTRUCTOR, RunningHub, password, wait_until

pytestmark = [pytest.mark.hub, pytest.mark.slow]
SETTINGS = {"SOC_MEMORY_MIB": "400"}
SignIn = Callable[[str], Visitor]
MARK = f"treasure-{secrets.token_hex(8)}"


@pytest.fixture(scope="module")
def victim(sign_in: SignIn) -> Visitor:
    """dara, at work: her server runs while she is attacked."""
    visitor = sign_in("dara")
    visitor.put_file("diary.txt", MARK)
    return visitor


@pytest.fixture(scope="module")
def attacker(victim: Visitor, sign_in: SignIn, site: Site) -> Visitor:
    """sophea; treasures that she must not find are laid out everywhere."""
    for folder in (
        site.cohort(COHORT).root / "submitted/dara/week01",
        site.cohort(COHORT).root / "source/week01",
        site.exchange / COHORT / "inbound/dara+week01+2026-01-06 10:00:00.000000 UTC+aaaa",
        site.exchange / COHORT / "feedback",
        site.exchange / "other-cohort/outbound/week01",
        desks.outbox(site, COHORT, "dara"),
        desks.feedback(site, COHORT, "dara"),
        desks.receipts(site, COHORT, "dara"),
        desks.state(site),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{MARK}.txt").write_text(MARK)
    return sign_in("sophea")


@pytest.fixture(scope="module")
def kernel(attacker: Visitor) -> str:
    """One kernel for attacks that leave it alive."""
    return attacker.start_kernel()


def test_has_no_right_left(attacker: Visitor, kernel: str) -> None:
    """Her kernel was forked by a process outside the walls, which may have been root."""
    code = """
import os
from pathlib import Path
for line in Path('/proc/self/status').read_text().splitlines():
    if line.startswith(('Cap', 'NoNewPrivs')): print(line.split()[1].lstrip('0') or 0, end=' ')
for call in (lambda: os.setuid(0), lambda: os.chroot('/')):
    try: print(call())
    except OSError: print('no', end=' ')
"""
    assert attacker.run(code, kernel) == "0 0 0 0 0 1 no no "


def test_finds_no_treasure_anywhere(attacker: Visitor, kernel: str) -> None:
    """Homes, submissions, hidden tests, feedback, receipts, other cohorts, the hub's state: by
    walking through all that there is outside of the system and the Python environment."""
    code = f"""
import os
system = ('/usr', '/proc', '/sys', {os.path.realpath("/usr")!r})
seen = found = 0
for root, folders, files in os.walk('/'):
    folders[:] = [f for f in folders if os.path.join(root, f) not in system
                  and 'site-packages' not in f and 'dist-packages' not in f]
    for name in folders + files:
        path = os.path.join(root, name)
        seen += 1
        if {MARK!r} in name: found += 1; print('NAME', path)
        try:
            if os.path.isfile(path) and os.path.getsize(path) < 5_000_000:
                if {MARK.encode()!r} in open(path, 'rb').read(): found += 1; print('TEXT', path)
        except OSError: pass
print(seen > 100, found)
"""
    # The code itself holds the mark; IPython's history and this kernel's files may repeat it.
    found = [line for line in attacker.run(code, kernel).splitlines() if ".ipython" not in line]
    assert found[-1].startswith("True")
    assert [line for line in found if line.startswith(("NAME", "TEXT"))] == []


def test_known_paths_are_not_there(attacker: Visitor, kernel: str, site: Site) -> None:
    paths = [
        site.root, site.root / "hub/cookie_secret", site.root / "hub/hub.sqlite",
        site.root / "hub/accounts.sqlite", site.root / "programme.sqlite", site.root / "soc.toml",
        site.cohort(COHORT).root / "gradebook.db", site.root / "homes/dara", Path("/home/dara"),
        CHECKOUT / "course/source/week01/practice.ipynb", CHECKOUT / "course/mistakes",
        CHECKOUT / "tests", CHECKOUT / "hub/settings.py", CHECKOUT / ".git", Path("/etc/shadow"),
        Path(f"/exchange/{COHORT}/inbound/../../../{site.root}"),
    ]  # fmt: skip
    code = f"import os; print([p for p in {[str(p) for p in paths]!r} if os.path.lexists(p)])"
    assert attacker.run(code, kernel) == "[]\n"


def test_sees_of_our_packages_only_what_is_hers(attacker: Visitor, kernel: str) -> None:
    code = f"""
import os
shown = [set(os.listdir(place)) for place in ({str(CHECKOUT)!r}, {str(CHECKOUT / "hub")!r})]
print(shown[0] - {{'.venv'}} == {{'hub', 'widgets'}}, sorted(shown[1]))
"""
    assert attacker.run(code, kernel) == "True ['__init__.py', 'student']\n"


def test_the_machines_own_settings_of_jupyter_reach_no_server(
    attacker: Visitor, kernel: str
) -> None:
    """The process whose forks they are stands before the walls: its /etc is the machine's."""
    code = "from jupyter_core import paths; print(paths.SYSTEM_CONFIG_PATH)"
    assert attacker.run(code, kernel) == "[]\n"


def test_no_secret_is_shared_by_forks(attacker: Visitor, victim: Visitor) -> None:
    """All servers are forks of one process: what one drew at random, no other may have drawn."""
    code = """
import pathlib, random, numpy
print(pathlib.Path('/tmp/runtime/jupyter_cookie_secret').read_text())
print(random.random(), numpy.random.random())
"""
    mine, hers = attacker.run(code).split(), victim.run(code).split()
    assert len(mine) == 3
    assert set(mine).isdisjoint(hers)


def test_sees_no_process_and_no_token_of_others(attacker: Visitor, kernel: str) -> None:
    code = """
import glob, os
own = os.environ['JUPYTERHUB_API_TOKEN']
tokens, names = set(), set()
for path in glob.glob('/proc/[0-9]*'):
    try: names.add(open(path + '/cmdline').read().replace('\\0', ' ')[:300])
    except OSError: pass
    try: text = open(path + '/environ').read()
    except OSError: continue
    tokens |= {v.partition('=')[2] for v in text.split('\\0') if 'TOKEN' in v}
print(tokens <= {own}, sum('hub.mover' in n or 'jupyterhub -f' in n or 'proxy' in n for n in names))
"""
    assert attacker.run(code, kernel) == "True 0\n"


@pytest.mark.parametrize(
    "place",
    ["outbound/week01/practice.ipynb", "outbound/new", "feedback/new.html", "receipts/new.json"],
)
def test_writes_nothing_that_is_not_hers(attacker: Visitor, kernel: str, place: str) -> None:
    code = f"""
try: open('/exchange/{COHORT}/{place}', 'a').write('forged'); print('WRITTEN')
except OSError as error: print(error.errno)
"""
    assert attacker.run(code, kernel) in ("30\n", "13\n")  # read-only, or not hers


def test_reaches_no_address(attacker: Visitor, kernel: str, hub: RunningHub) -> None:
    """Neither the hub, its proxy's controls, other servers, this machine nor the internet."""
    ports = [hub.port, hub.inner_port, hub.inner_port + 1, 22, 5432]
    code = f"""
import socket
reached = []
for address in [('127.0.0.1', p) for p in {ports!r}] + [('1.1.1.1', 53), ('10.0.0.1', 80)]:
    try: socket.create_connection(address, 2); reached.append(address)
    except OSError: pass
print(reached)
"""
    assert attacker.run(code, kernel) == "[]\n"


def test_her_token_opens_nothing_of_others(attacker: Visitor, kernel: str) -> None:
    """Through the one door there is, to the hub's API."""
    code = """
import http.client, json, os, socket
class Door(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX); self.sock.connect('/run/school/hub.sock')
def ask(method, path, body=None):
    door = Door('hub')
    headers = {'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}
    door.request(method, '/hub/api' + path, body=body, headers=headers)
    answer = door.getresponse()
    return answer.status, answer.read()
print(ask('GET', '/user')[0])
print([ask(*what)[0] for what in (
    ('GET', '/users/dara'), ('GET', '/users'), ('POST', '/users/dara/server'),
    ('DELETE', '/users/dara/server'), ('GET', '/users/dara/tokens'),
    ('POST', '/users/dara/tokens', '{}'), ('POST', '/users/sophea/tokens', '{"roles": ["admin"]}'),
    ('GET', '/groups'), ('GET', '/proxy'), ('POST', '/shutdown', '{}'), ('GET', '/services'),
    ('PATCH', '/users/sophea', '{"admin": true}'), ('POST', '/users/dara/activity', '{}'))])
"""
    own, others = attacker.run(code, kernel).splitlines()
    assert own == "200"
    assert set(eval(others)) <= {400, 403, 404}  # noqa: S307  # a list of numbers we asked for


def test_her_cookies_open_nothing_of_others(attacker: Visitor, hub: RunningHub) -> None:
    assert attacker.get("/user/dara/school").status_code == 403
    assert attacker.get("/user/dara/api/contents").status_code == 403
    assert attacker.get(f"/services/{COHORT}/formgrader").status_code == 403
    assert attacker.get(f"/services/{COHORT}/api/contents").status_code == 403
    assert attacker.get("/hub/admin").status_code == 403
    assert attacker.get("/hub/spawn/dara").status_code in (403, 404)
    assert attacker.get("/hub/api/users/dara").status_code in (403, 404)


def test_starts_under_no_other_name(attacker: Visitor, hub: RunningHub, site: Site) -> None:
    headers = {"X-XSRFToken": attacker.session.cookies.get("_xsrf", path="/hub/") or ""}
    for name in ("dara", "bopha", "..", "%2e%2e", "root", "new-name"):
        answer = attacker.session.post(
            f"{hub.url}/hub/api/users/{name}/server", headers=headers, timeout=60
        )
        assert answer.status_code in (403, 404, 405), (name, answer.status_code)
    assert sorted(p.name for p in (site.root / "homes").iterdir()) == ["dara", "sophea"]


def test_forges_no_submission(attacker: Visitor, kernel: str, site: Site) -> None:
    """Another's name, an earlier time, links to what the mover may read: through her outbox."""
    code = f"""
import os
box = '/exchange/{COHORT}/inbound/'
def make(name, secret):
    os.mkdir(box + name)
    for file, text in (('practice.ipynb', '{{}}'), ('submission_secret.txt', secret)):
        open(box + name + '/' + file, 'w').write(text)
    return box + name
def finish(folder):
    for name in os.listdir(folder): os.utime(folder + '/' + name, (0, 0), follow_symlinks=False)
    os.utime(folder, (0, 0)); os.chmod(folder, 0o777)
finish(make('dara+week01+2020-01-01 00:00:00.000000 UTC+x', '1' * 64))
finish(make('sophea+week01+2020-01-01 00:00:00.000000 UTC+x', '2' * 64))
linked = make('sophea+week01+2020-01-02 00:00:00.000000 UTC+x', '3' * 64)
os.symlink({str(site.root / "hub/cookie_secret")!r}, linked + '/answers.json')
finish(linked)
os.symlink({str(site.root / "hub")!r}, box + 'sophea+week01+2020-01-03 00:00:00.000000 UTC+x')
print(len(os.listdir(box)))
"""
    before = set((site.exchange / COHORT / "inbound").iterdir())
    attacker.run(code, kernel)
    box = site.root / "outbox" / COHORT / "sophea"
    wait_until(lambda: list(box.iterdir()) == [], 30, "the mover has looked at all")
    new = set((site.exchange / COHORT / "inbound").iterdir()) - before
    assert [path.name.split("+")[0] for path in new] == ["sophea"]
    assert [path.name for path in new if "2020" in path.name] == []
    for path in new:
        assert not (path / "answers.json").exists()


def test_a_fork_bomb_hurts_her_alone(attacker: Visitor, victim: Visitor) -> None:
    code = """
import os, signal
children = []
try:
    while len(children) < 1000:
        child = os.fork()
        if child == 0: signal.pause()
        children.append(child)
except OSError as error: print('stopped', error.errno)
print(len(children) < 128)
for child in children: os.kill(child, 9)
for child in children: os.waitpid(child, 0)
"""
    assert attacker.run(code) == "stopped 11\nTrue\n"
    assert victim.run("print('well')") == "well\n"


def test_a_huge_file_stops_at_the_limit(attacker: Visitor, kernel: str) -> None:
    code = """
try:
    with open('big', 'wb') as file:
        for _ in range(300): file.write(bytes(1 << 20))
except OSError as error: print(error.errno)
import os; print(os.path.getsize('big') >> 20); os.remove('big')
"""
    assert attacker.run(code, kernel) == "27\n128\n"


def test_leaves_nothing_running_when_her_server_stops(
    attacker: Visitor, hub: RunningHub, site: Site
) -> None:
    """A daemon that has left its session and ignores signals dies with the server."""
    word = f"daemon-{secrets.token_hex(6)}"
    attacker.run(_daemon(word))
    wait_until(lambda: _running(word), 20, "the daemon runs")
    headers = {"X-XSRFToken": attacker.session.cookies.get("_xsrf", path="/hub/") or ""}
    attacker.session.delete(f"{hub.url}/hub/api/users/sophea/server", headers=headers, timeout=90)
    wait_until(lambda: not _running(word), 30, "the daemon is gone")


@pytest.mark.parametrize("whom", ["server", "seed"])
def test_leaves_nothing_running_when_she_kills_her(whom: str, attacker: Visitor) -> None:
    """She kills the server itself, or what it forks kernels from, so that nobody stops anything
    in good order."""
    attacker.wait_for_server()
    word = f"daemon-{secrets.token_hex(6)}"
    attacker.run(_daemon(word))
    wait_until(lambda: _running(word), 20, "the daemon runs")
    kernel = attacker.start_kernel()
    code = """
import os, signal
seed = os.getppid()
server = int(open(f'/proc/{seed}/stat').read().rpartition(')')[2].split()[1])
assert server > 1
"""
    with contextlib.suppress(Exception):  # the line to the kernel may break
        attacker.run(f"{code}os.kill({whom}, signal.SIGKILL)", kernel, 10)
    wait_until(lambda: not _running(word), 60, "the daemon is gone")


def _daemon(word: str) -> str:
    return f"""
import os, subprocess, sys
code = 'import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; signal.pause()'
subprocess.Popen([sys.executable, '-c', code, {word!r}], start_new_session=True)
"""


def _running(word: str) -> bool:
    """Whether a process with the word in its command line exists on this machine."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes() and processes.started_at(int(path.parent.name)):
                return True
        except OSError:
            continue
    return False


def test_memory_beyond_the_limit_ends_her_server_alone(
    attacker: Visitor, victim: Visitor, site: Site
) -> None:
    """Spread over processes, so that no limit of one process would notice."""
    attacker.wait_for_server()
    before = {watched.username: watched for watched in servers.registered(site)}["sophea"]
    code = """
import os, signal
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(os.urandom(1) * (100 << 20)); signal.pause()
signal.pause()
"""
    with pytest.raises(Exception):  # noqa: B017, PT011  # the line to the kernel breaks somehow
        attacker.run(code, within_s=10)

    def ended() -> bool:
        return processes.started_at(before.pid) != before.since

    wait_until(ended, 30, "her server is ended")
    assert victim.run("print('well')") == "well\n"


def test_an_instructor_sees_no_student_server(hub: RunningHub, victim: Visitor) -> None:
    teacher = Visitor(hub.url, INSTRUCTOR)
    teacher.sign_in(password(INSTRUCTOR))
    assert teacher.get("/user/dara/api/contents").status_code == 403
