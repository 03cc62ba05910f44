"""The main way through a real hub: sign in, work, hand in, feedback, grading, restarts, culling."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from hub import accounts
from programme import roster
from programme.people import Person
from programme.site import CHECKOUT, Site
from tests.hub.client import Visitor
from tests.hub.running import (
    COHORT,
    FIRST_DAY,
    RunningHub,
    password,
    release_feedback,
    wait_until,
)

pytestmark = [pytest.mark.hub, pytest.mark.slow]
SignIn = Callable[[str], Visitor]


def page_form(visitor: Visitor, action: str) -> str:
    """Press a button of her landing page; the page that follows."""
    base = f"/user/{visitor.username}/school"
    token = re.search(r'name="_xsrf" value="([^"]+)"', visitor.get(base).text)
    assert token
    answer = visitor.session.post(
        f"{visitor.hub}{base}/{action}", data={"_xsrf": token.group(1)}, timeout=200
    )
    assert answer.ok, answer.text
    return answer.text


def test_a_wrong_password_and_a_stranger_stay_out(hub: RunningHub) -> None:
    for name, typed in (("sophea", "not-hers-at-all"), ("stranger", "first-come-first-served")):
        answer = Visitor(hub.url, name).sign_in(typed)
        assert answer.status_code == 403
        assert "do not fit together" in answer.text
        assert "មិនត្រូវគ្នា" in answer.text


def test_an_invitation_makes_an_account(hub: RunningHub, site: Site) -> None:
    """Added while the hub runs; the code works once."""
    roster.enrol(site, [Person("malis", "Malis Keo")], COHORT, "student", on=FIRST_DAY)
    code = accounts.invite(site, ["malis"])["malis"]
    visitor = Visitor(hub.url, "malis")
    fields = {"username": "malis", "code": code, "password": "flower-2026", "again": "flower-2026"}
    assert "do not fit" in visitor.post_form("/hub/first", **fields | {"code": "aaaaa-aaaaa"}).text
    assert "differ" in visitor.post_form("/hub/first", **fields | {"again": "flower-2027"}).text

    def accepted() -> bool:  # the roster is read again after some seconds
        return visitor.post_form("/hub/first", **fields).ok

    wait_until(accepted, 20, "the code is accepted")
    assert Visitor(hub.url, "malis").post_form("/hub/first", **fields).status_code == 403
    assert Visitor(hub.url, "malis").sign_in("flower-2026").ok


def test_too_many_tries_are_stopped(hub: RunningHub) -> None:
    visitor = Visitor(hub.url, "chenda")
    answers = [visitor.sign_in("guess-number-x").status_code for _ in range(11)]
    assert answers[:10] == [403] * 10
    assert answers[10] == 429
    assert visitor.sign_in(password("chenda")).status_code == 429  # even the right one, for now


def test_lands_in_her_week(sign_in: SignIn) -> None:
    page = sign_in("sophea").get("/user/sophea/school")
    assert "/user/sophea/notebooks/week01/lesson.ipynb" in page.text
    assert "Hello, coder" in page.text
    assert len(page.content) < 40_000
    outside = re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page.text)
    assert outside == []
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_static_files_are_compressed_and_kept(sign_in: SignIn) -> None:
    visitor = sign_in("sophea")
    style = visitor.get("/user/sophea/school/static/school.css")
    assert style.headers["Content-Encoding"] == "gzip"
    assert "max-age=604800" in style.headers["Cache-Control"]
    assert "noto-sans-khmer.woff2" in visitor.get("/user/sophea/custom/custom.css").text
    assert visitor.get("/user/sophea/school/static/noto-sans-khmer.woff2").content[:4] == b"wOF2"
    extensions = Path(sys.prefix, "share/jupyter/labextensions")
    script = next(extensions.glob("anywidget/static/remoteEntry.*.js")).relative_to(extensions)
    kept = visitor.get(f"/user/sophea/lab/extensions/{script}").headers
    assert kept["Cache-Control"] == "public, max-age=31536000, immutable"


def test_notebook_and_lab_open_and_terminals_do_not(sign_in: SignIn) -> None:
    visitor = sign_in("sophea")
    page = visitor.get("/user/sophea/notebooks/week01/lesson.ipynb")
    assert page.ok
    assert '"terminalsAvailable": false' in page.text or "terminalsAvailable" not in page.text
    assert '"news"' not in page.text or '"disabled": true' in page.text
    assert visitor.get("/user/sophea/lab").ok
    assert visitor.api("POST", "/api/terminals").status_code == 404
    assert visitor.get("/user/sophea/formgrader").status_code == 404
    kernels = visitor.api("GET", "/api/kernelspecs").json()["kernelspecs"]
    assert list(kernels) == ["python3"]


def test_what_she_sets_in_the_notebook_is_kept_in_her_home(sign_in: SignIn, site: Site) -> None:
    """The servers are forks of one process, which knew of nobody's home when it began."""
    visitor = sign_in("sophea")
    name = "@jupyterlab/apputils-extension:themes"
    body = {"raw": '{"theme": "JupyterLab Dark"}'}
    assert visitor.api("PUT", f"/lab/api/settings/{name}", json=body).ok
    kept = list(
        site.root.glob("homes/sophea/.jupyter/lab/user-settings/**/themes.jupyterlab-settings")
    )
    assert len(kept) == 1
    assert "Dark" in visitor.api("GET", f"/lab/api/settings/{name}").json()["raw"]
    assert not list(site.root.glob("homes/dara/.jupyter/**/themes.*"))


def test_her_own_files_shadow_no_package(sign_in: SignIn) -> None:
    visitor = sign_in("sophea")
    visitor.put_file("week01/widgets.py", "raise SystemExit('shadow')")
    visitor.put_file("week01/helper.py", "word = 'mine'")
    kernel = visitor.start_kernel("week01")
    said = visitor.run("import widgets, helper; print(widgets.__file__, helper.word)", kernel)
    assert said == f"{CHECKOUT}/widgets/__init__.py mine\n"


def test_checks_her_work(sign_in: SignIn) -> None:
    page = page_form(sign_in("sophea"), "check/week01")
    assert "to look at again" in page
    assert "Next step:" in page  # the exercise's own words, all of them


# nbgrader's release_feedback misspells an argument and leaves a file to the garbage collector.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:unclosed file .*timestamp.txt:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_hands_in_and_reads_feedback(sign_in: SignIn, site: Site) -> None:
    visitor = sign_in("sophea")
    assert "Handed in." in page_form(visitor, "submit/week01")

    def received() -> bool:
        return "Your teacher has it" in visitor.get("/user/sophea/school").text

    wait_until(received, 30, "a receipt")
    release_feedback(site, "sophea")

    def pointed() -> bool:
        return "7 / 9 points" in visitor.get("/user/sophea/school").text

    wait_until(pointed, 30, "feedback with points")
    link = re.search(r'href="(/user/sophea/school/feedback/[^"]+/practice)"',
                     visitor.get("/user/sophea/school").text)  # fmt: skip
    assert link
    frame = visitor.get(link.group(1)).text
    assert "<iframe sandbox" in frame
    shown = visitor.get(link.group(1).replace("/feedback/", "/page/"))
    assert "Well done" in shown.text
    assert shown.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_instructor_grades_and_a_student_does_not(hub: RunningHub, sign_in: SignIn) -> None:
    teacher = Visitor(hub.url, "kunthea")
    teacher.sign_in(password("kunthea"))
    assert "/services/ambassador-2026/formgrader" in teacher.get("/hub/teach").text
    page = teacher.get(f"/services/{COHORT}/formgrader")
    assert page.ok
    assert "formgrader" in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    listed = teacher.get(f"/services/{COHORT}/formgrader/api/assignments")
    assert "week01" in [one["name"] for one in listed.json()]
    kernel = teacher.session.post(f"{hub.url}/services/{COHORT}/api/kernels", timeout=60)
    assert kernel.status_code >= 400
    assert sign_in("sophea").get(f"/services/{COHORT}/formgrader").status_code == 403


def test_staff_is_admin_and_an_instructor_is_not(hub: RunningHub) -> None:
    staff, teacher = Visitor(hub.url, "bopha"), Visitor(hub.url, "kunthea")
    for visitor in (staff, teacher):
        visitor.sign_in(password(visitor.username))
    assert staff.get("/hub/admin").ok
    assert teacher.get("/hub/admin").status_code == 403


def test_who_leaves_the_roster_is_signed_out(hub: RunningHub, site: Site) -> None:
    roster.enrol(site, [Person("rachana", "Rachana Sok")], COHORT, "student", on=FIRST_DAY)
    accounts.set_password(site, "rachana", password("rachana"))

    def signed_in() -> bool:
        return Visitor(hub.url, "rachana").sign_in(password("rachana")).ok

    wait_until(signed_in, 20, "she is in the roster")
    roster.withdraw(site, "rachana", COHORT, "moved away", on=FIRST_DAY)
    wait_until(lambda: not signed_in(), 20, "she has left it")


def test_a_killed_hub_comes_back_with_everything(hub: RunningHub, sign_in: SignIn) -> None:
    """Her server and her kernel's memory outlive the hub; passwords and cookies too."""
    visitor = sign_in("dara")
    kernel = visitor.start_kernel()
    visitor.run("kept = 'in memory'", kernel)
    hub.kill()
    hub.start()
    assert visitor.run("print(kept)", kernel) == "in memory\n"
    assert visitor.get("/hub/home").ok
    assert Visitor(hub.url, "dara").sign_in(password("dara")).ok
    assert visitor.run("print(kept)", visitor.start_kernel()).startswith("NameError")


def test_an_idle_server_is_stopped(hub: RunningHub, sign_in: SignIn) -> None:
    """The culler, with the rights that our role gives it and an hour made a second."""
    sign_in("dara")
    staff = Visitor(hub.url, "bopha")
    staff.sign_in(password("bopha"))
    headers = {"X-XSRFToken": staff.session.cookies.get("_xsrf", path="/hub/") or ""}
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    answer = staff.session.post(
        f"{hub.url}/hub/api/users/bopha/tokens",
        json={"scopes": scopes},
        headers=headers,
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    api = {"JUPYTERHUB_API_TOKEN": answer.json()["token"]}

    culler = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=1", "--cull-every=1",
         f"--url=http://127.0.0.1:{hub.inner_port}/hub/api"],
        env=os.environ | api, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        token = api["JUPYTERHUB_API_TOKEN"]
        wait_until(lambda: _servers(hub, token) == {}, 90, "the idle server is stopped")
    finally:
        culler.terminate()
        culler.wait()


def _servers(hub: RunningHub, token: str) -> dict[str, object]:
    users = requests.get(
        f"{hub.url}/hub/api/users", headers={"Authorization": f"token {token}"}, timeout=60
    ).json()
    return {user["name"]: user["servers"] for user in users if user["servers"]}
