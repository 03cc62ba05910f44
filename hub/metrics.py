"""The course's metrics for Prometheus, beside JupyterHub's own on /hub/metrics.

Computed from the data folder when they are asked for, so that nothing has to be counted twice or
survive a restart. deploy/monitoring has the alerts that are made from them.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.condition import CohortCondition, Glance


class CourseCollector(Collector):
    """What `hub.condition` sees, as gauges."""

    def __init__(self, glance: Glance) -> None:
        """Look at nothing yet."""
        self._glance = glance

    def describe(self) -> list[Metric]:
        """Nothing beforehand: the registry would otherwise collect at the start."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All gauges, as it is now."""
        now = self._glance.now()
        silent = GaugeMetricFamily(
            "soc_silent_seconds", "Since the last sign of life", labels=["service"]
        )
        for name, seconds in now.silent_s.items():
            silent.add_metric([name], seconds)
        yield silent
        yield GaugeMetricFamily(
            "soc_services_stopped", "Services without a sign of life", len(now.stopped)
        )
        yield GaugeMetricFamily("soc_servers", "Students' servers that run", now.servers)
        yield GaugeMetricFamily("soc_disk_free_bytes", "Free for live data", now.disk_free_bytes)
        yield GaugeMetricFamily("soc_disk_bytes", "The disk of the live data", now.disk_bytes)
        yield from _of_cohorts(now.cohorts)


def _of_cohorts(cohorts: tuple[CohortCondition, ...]) -> Iterator[Metric]:
    count = GaugeMetricFamily(
        "soc_submissions", "Submissions by where they are", labels=["cohort", "place"]
    )
    oldest = GaugeMetricFamily(
        "soc_oldest_submission_seconds", "The one that waits longest", labels=["cohort", "place"]
    )
    for one in cohorts:
        for place, waiting in (("outbox", one.handed_in), ("checking", one.checking)):
            count.add_metric([one.name, place], waiting.count)
            oldest.add_metric([one.name, place], waiting.oldest_s)
        for place, number in (
            ("exchange", one.received),
            ("by_hand", one.by_hand),
            ("refused", one.refused),
        ):
            count.add_metric([one.name, place], number)
    yield count
    yield oldest


def register(glance: Glance) -> None:
    """Add ours to the hub's own. Once a process."""
    REGISTRY.register(CourseCollector(glance))
