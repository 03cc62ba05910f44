"""`soc grade --dask`: the workers of a scheduler that runs, and a scheduler that is away."""

from __future__ import annotations

import pytest
from distributed import LocalCluster

from soc.errors import SocError
from soc.marking import dask_workers

pytestmark = [
    pytest.mark.slow,
    # Dask closes its own sockets late.
    pytest.mark.filterwarnings("ignore"),
]


def test_the_workers_of_a_scheduler_take_work() -> None:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        dask_workers(cluster.scheduler_address) as (executor, count),
    ):
        assert count == 2
        assert executor.submit(pow, 2, 10).result(timeout=60) == 1024


def test_a_scheduler_without_workers_is_refused() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        pytest.raises(SocError, match="has no workers"),
        dask_workers(cluster.scheduler_address),
    ):
        pass


def test_a_scheduler_that_is_away_is_named() -> None:
    with (
        pytest.raises(SocError, match=r"tcp://127\.0\.0\.1:9.*Nothing is graded"),
        dask_workers("tcp://127.0.0.1:9"),
    ):
        pass
