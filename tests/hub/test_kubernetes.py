"""The hub in its Kubernetes form: a real hub, a small cluster on loopback, a pod that runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import kubernetes_validate
import pytest
import yaml
from tornado.web import HTTPError

from hub import kubernetes, pods, settings
from programme.site import CHECKOUT, Site
from tests.hub import cluster as clusters
from tests.hub.client import Visitor
from tests.hub.exchanging import Asker
from tests.hub.running import (
    COHORT,
    STUDENTS,
    RunningHub,
    free_ports,
    password,
    release_feedback,
    wait_until,
)

pytestmark = [pytest.mark.hub, pytest.mark.slow]
MANIFESTS = CHECKOUT / "deploy/kubernetes/manifests"
IMAGE = "registry.example/school-student:1"
STUDENT = STUDENTS[0]


@pytest.fixture(scope="module")
def cluster(site: Site) -> Iterator[clusters.Cluster]:
    with clusters.running(site.root) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def student(
    site: Site, cluster: clusters.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitor]:
    """A student who has signed in to a hub whose servers are pods, and has hers."""
    config = clusters.kubeconfig(cluster, tmp_path_factory.mktemp("kube") / "config")
    port, inner = free_ports()
    environment = {
        "SOC_EXCHANGE_URL": f"http://127.0.0.1:{port}/services/exchange",
        "KUBECONFIG": str(config),
        "SOC_STUDENT_IMAGE": IMAGE,
        "TEST_POD_PORT": str(free_ports()[0]),
        "PYTHONPATH": str(CHECKOUT),
    }
    start = ("-m", "jupyterhub", "-f", str(CHECKOUT / "tests/hub/cluster_config.py"))
    hub = RunningHub(site, environment, port, inner, command=(sys.executable, *start))
    hub.start()
    visitor = Visitor(hub.url, STUDENT)
    visitor.sign_in(password(STUDENT))
    visitor.wait_for_server()
    yield visitor
    hub.stop()


def _pod(cluster: clusters.Cluster) -> dict[str, Any]:
    return cluster.made[0]


def test_her_week_opens_in_a_pod(student: Visitor) -> None:
    page = student.get(f"/user/{STUDENT}/school")
    assert page.status_code == 200
    assert 'id="week01"' in page.text


def test_her_pod_mounts_her_home_and_nothing_else(
    student: Visitor, cluster: clusters.Cluster
) -> None:
    mounts = _pod(cluster)["spec"]["containers"][0]["volumeMounts"]
    of_the_data = {m["subPath"]: m.get("readOnly", False) for m in mounts if m["name"] == "data"}
    assert of_the_data == {f"homes/{STUDENT}": False}


def test_her_pod_is_closed(student: Visitor, cluster: clusters.Cluster) -> None:
    spec = _pod(cluster)["spec"]
    container = spec["containers"][0]
    assert container["image"] == IMAGE
    assert spec["automountServiceAccountToken"] is False
    security = container["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["readOnlyRootFilesystem"] is True
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"]["memory"] == 1536 << 20
    known = {one["name"]: one.get("value", "") for one in container["env"]}
    assert known["SOC_COHORT"] == COHORT
    assert not [name for name in known if "SOC_DATA" in name or "PASSWORD" in name]


def _hand_in(student: Visitor) -> str:
    token = student.get(f"/user/{STUDENT}/school").text.split('name="_xsrf" value="')[1]
    week = f"{student.home}/school/submit/week01"
    return student.session.post(week, data={"_xsrf": token.split('"')[0]}, timeout=120).text


# nbgrader's release_feedback misspells an argument and leaves a file to the garbage collector.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:unclosed file .*timestamp.txt:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_from_a_pod_she_hands_in_and_reads_feedback_over_http(student: Visitor, site: Site) -> None:
    page = _hand_in(student)
    assert "Handed in." in page
    assert "Your teacher has it" in page
    (arrived,) = site.cohort(COHORT).inbound.glob(f"{STUDENT}+week01+*")
    assert (arrived / "practice.ipynb").is_file()
    assert not any((site.root / "homes" / STUDENT).glob(f".local/**/inbound/{STUDENT}+*"))
    release_feedback(site, STUDENT)
    school = f"/user/{STUDENT}/school"
    wait_until(lambda: "7 / 9 points" in student.get(school).text, 30, "feedback with points")


def test_the_token_of_her_pod_opens_the_exchange_and_nothing_of_others(student: Visitor) -> None:
    code = "import os; print(os.environ['SOC_EXCHANGE_URL'], os.environ['JUPYTERHUB_API_TOKEN'])"
    url, token = student.run(code).split()
    hers = Asker(url, token)
    assert hers.ask("GET", f"files/{COHORT}").status_code == 200
    api = Asker(f"{student.hub}/hub/api", token)
    assert api.ask("GET", f"users/{STUDENTS[1]}").status_code in (403, 404)
    assert api.ask("GET", "users").status_code == 403


def test_only_the_roster_gets_a_view(site: Site) -> None:
    stranger = Mock(spec=pods.PodSpawner, find_person=lambda _: None)
    stranger.user.name = "nobody"
    with pytest.raises(HTTPError, match="not in the roster"):
        pods.PodSpawner._person(stranger)


@pytest.mark.parametrize("manifest", sorted(MANIFESTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_manifests_are_what_kubernetes_knows(manifest: Path) -> None:
    for document in yaml.safe_load_all(manifest.read_text()):
        kubernetes_validate.validate(document, clusters.VERSION, strict=True)


def test_the_charts_values_call_what_exists() -> None:
    values = yaml.safe_load((MANIFESTS.parent / "values.yaml").read_text())
    assert "kubernetes.update(c, Site.open())" in values["hub"]["extraConfig"]["school"]
    known = [name for name in values["hub"]["extraEnv"] if name.startswith("SOC_")]
    said = Path(kubernetes.__file__).read_text() + Path(settings.__file__).read_text()
    assert [name for name in known if name not in said] == []
    claims = [
        document["metadata"]["name"]
        for file in MANIFESTS.glob("*.yaml")
        for document in yaml.safe_load_all(file.read_text())
        if document["kind"] == "PersistentVolumeClaim"
    ]
    assert values["hub"]["extraEnv"]["SOC_CLAIM"] in claims
