"""How the installation is: as it is read, as it is shown; and alerts ask for what exists."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

import pytest
import requests
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from hub import condition, desks, shared
from hub.metrics import CourseCollector
from hub.texts import all_texts
from programme.site import CHECKOUT, Site
from tests.hub.client import Visitor
from tests.hub.running import COHORT, INSTRUCTOR, STUDENTS, RunningHub, password, wait_until

MONITORING = CHECKOUT / "deploy" / "monitoring"
THEIRS = ("up", "jupyterhub_server_spawn_duration_seconds_count")


def _note(site: Site, student: str, status: str) -> None:
    folder = desks.receipts(site, COHORT, student)
    text = json.dumps({"at": "2026-01-06 08:00:00.000000 UTC", "status": status, "to_read": []})
    (folder / "answer+week01.json").write_text(text)


def test_who_waits_where_is_counted(bare_site: Site) -> None:
    before = condition.of_cohort(bare_site, COHORT, time.time())
    assert (before.received, before.handed_in.count, before.by_hand, before.refused) == (0, 0, 0, 0)
    (bare_site.root / "outbox" / COHORT / "sophea" / "sophea+week01+x+y").mkdir(parents=True)
    (desks.state(bare_site) / "refused" / COHORT / "dara" / "1-x").mkdir(parents=True)
    inbound = bare_site.cohort(COHORT).inbound
    for name in ("sophea+week01+t+s", ".arriving-s"):
        (inbound / name).mkdir(parents=True)
    _note(bare_site, "sophea", "checking")
    _note(bare_site, "dara", "by-hand")
    _note(bare_site, "chenda", "answered")
    now = condition.of_cohort(bare_site, COHORT, time.time() + 60)
    assert (now.received, now.handed_in.count, now.checking.count) == (1, 1, 1)
    assert (now.by_hand, now.refused) == (1, 1)
    assert 60 <= now.handed_in.oldest_s < 120
    assert 60 <= now.checking.oldest_s < 120


def test_what_an_instructor_has_graded_herself_waits_no_more(bare_site: Site) -> None:
    _note(bare_site, "dara", "by-hand")
    given = bare_site.cohort(COHORT).root / "feedback" / "dara" / "week01"
    given.mkdir(parents=True)
    os.utime(given, (time.time() + 5, time.time() + 5))
    assert condition.of_cohort(bare_site, COHORT, time.time()).by_hand == 0


def test_a_service_without_a_sign_of_life_has_stopped(bare_site: Site) -> None:
    everywhere = [name for name in condition.PATIENCE_S if name != "exchange"]
    assert condition.look(bare_site).stopped == everywhere
    for name in condition.PATIENCE_S:
        condition.beat(bare_site, name)
    assert condition.look(bare_site).stopped == []
    long_ago = time.time() - condition.PATIENCE_S["mover"] - 1
    os.utime(desks.state(bare_site) / "alive" / "mover", (long_ago, long_ago))
    now = condition.look(bare_site)
    assert now.stopped == ["mover"]
    assert not now.healthy


def test_a_service_that_is_not_everywhere_is_missed_only_where_it_ran(bare_site: Site) -> None:
    condition.beat(bare_site, "exchange")
    long_ago = time.time() - condition.PATIENCE_S["exchange"] - 1
    os.utime(desks.state(bare_site) / "alive" / "exchange", (long_ago, long_ago))
    assert "exchange" in condition.look(bare_site).stopped
    condition.rest(bare_site, "exchange")
    assert "exchange" not in condition.look(bare_site).stopped


def test_a_full_disk_and_an_old_backup_are_told(bare_site: Site) -> None:
    now = condition.look(bare_site)
    assert not now.backup_is_old  # there never was one: the doctor's word, not an alarm's
    condition.beat(bare_site, condition.BACKUP)
    long_ago = time.time() - condition.OLD_BACKUP_S - 1
    os.utime(desks.state(bare_site) / "alive" / condition.BACKUP, (long_ago, long_ago))
    assert condition.look(bare_site).backup_is_old
    full = condition.Condition({}, (), 0, disk_free_bytes=4, disk_bytes=100)
    assert full.disk_is_full


def test_many_questions_are_one_look(bare_site: Site) -> None:
    glance = condition.Glance(bare_site, every_s=3600)
    first = glance.now()
    condition.beat(bare_site, "mover")
    assert glance.now() is first
    assert condition.Glance(bare_site).now() != first


def test_alerts_ask_for_metrics_that_exist(bare_site: Site) -> None:
    condition.beat(bare_site, condition.BACKUP)
    registry = CollectorRegistry()
    registry.register(CourseCollector(condition.Glance(bare_site)))
    ours = {family.name for family in registry.collect()}
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        plain = re.sub(r"\{[^}]*\}|\[[^]]*\]", "", rule["expr"])
        asked = set(re.findall(r"[a-z_]{2,}", plain)) - {"delta", "increase"}
        assert asked, rule
        assert asked <= {*ours, *THEIRS}, rule
        assert set(rule["annotations"]) == {"summary", "next_step"}
    known = condition.of_cohort(bare_site, COHORT, time.time())
    assert known.name == COHORT
    read = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    assert (MONITORING / read["rule_files"][0]).is_file()


@pytest.mark.hub
def test_metrics_are_for_who_has_the_token(hub: RunningHub, site: Site) -> None:
    address = f"{hub.url}/hub/metrics"
    assert requests.get(address, timeout=30).status_code == 403
    token = shared.secret(desks.state(site), shared.METRICS)
    answer = requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 200
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"soc_submissions", "soc_silent_seconds", "jupyterhub_total_users"} <= names
    assert all(student not in answer.text for student in STUDENTS)
    elsewhere = requests.get(
        f"{hub.url}/hub/api/users", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert elsewhere.status_code == 403


@pytest.mark.hub
def test_health_says_yes_or_no_and_nothing_else(hub: RunningHub, site: Site) -> None:
    def is_well() -> bool:
        answer = requests.get(f"{hub.url}/hub/condition/health", timeout=30)
        assert answer.status_code == (200 if answer.json() == {"healthy": True} else 503)
        return answer.ok

    wait_until(is_well, 60, "all services have given a sign of life")


@pytest.mark.hub
def test_an_instructor_sees_her_cohort_and_a_student_nothing(
    hub: RunningHub, site: Site, sign_in: Any
) -> None:
    teacher = Visitor(hub.url, INSTRUCTOR)
    teacher.sign_in(password(INSTRUCTOR))
    page = teacher.get("/hub/condition")
    assert page.status_code == 200
    assert COHORT in page.text
    assert "received in all" in page.text
    assert sign_in(STUDENTS[0]).get("/hub/condition").status_code == 404
    assert "/hub/login" in requests.get(f"{hub.url}/hub/condition", timeout=30).url


def test_pages_have_words_for_every_service() -> None:
    assert {f"condition-{name}" for name in condition.PATIENCE_S} <= set(all_texts())
