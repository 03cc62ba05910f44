"""The hub's configuration in a cluster, on top of what Zero to JupyterHub has configured.

The chart says where the hub and its proxy are, keeps the hub's secrets, and starts the hub; called
from `hub.extraConfig` in deploy/kubernetes/values.yaml, this says what makes it the school's. The
services run in the hub's pod and listen on its address (SOC_SERVICES_IP), where the proxy's pod
reaches them.

    SOC_CLAIM           the claim of the volume that holds the data folder (school-data)
    SOC_STUDENT_IMAGE   the image of the students' pods
    SOC_EXCHANGE_URL    the exchange as those pods reach it: by the chart's service of the proxy
"""

from __future__ import annotations

import functools
import os
from typing import Any

from hub import pods, settings
from hub.condition import Glance
from hub.people import Directory, read_people
from programme.site import Site

_EXCHANGE_URL = "http://proxy-http:8000/services/exchange"


def update(c: Any, site: Site) -> None:
    """All topics that are not the chart's."""
    directory = Directory(functools.partial(read_people, site))
    glance = Glance(site)
    settings.update_subdomains(c, site)
    settings.update_signing_in(c, site, directory)
    update_pods(c, site, directory)
    settings.update_pages(c, site, directory, glance)
    settings.update_services(c, site, glance, over_http=True)


def update_pods(c: Any, site: Site, directory: Directory) -> None:
    """Students' servers are pods."""
    settings.update_any_spawner(c, site, directory)
    c.JupyterHub.spawner_class = pods.PodSpawner
    c.PodSpawner.claim = os.environ.get("SOC_CLAIM", "school-data")
    c.PodSpawner.image = os.environ["SOC_STUDENT_IMAGE"]
    c.PodSpawner.exchange_url = os.environ.get("SOC_EXCHANGE_URL", _EXCHANGE_URL)
    c.PodSpawner.server_token_scopes = [
        "users:activity!user",
        "access:servers!server",
        "access:services!service=exchange",
    ]
    for name, value in pods.closed().items():
        setattr(c.PodSpawner, name, value)
