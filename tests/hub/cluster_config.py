"""What the chart and values.yaml do together, on loopback: the hub in its Kubernetes form."""

import os

from hub import kubernetes, settings
from programme.site import Site
from tests.hub.cluster import NAMESPACE

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # given by traitlets
site = Site.open()
settings.update_hub(c, site)  # in a cluster, the chart says these two
settings.update_proxy(c, site)
kubernetes.update(c, site)
c.PodSpawner.namespace = NAMESPACE
c.PodSpawner.port = int(os.environ["TEST_POD_PORT"])
