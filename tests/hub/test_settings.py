"""The hub's configuration: `Config()` in, traits out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine
from traitlets.config import Config

from hub import kubernetes, settings
from hub.auth import DemoError
from hub.ways import SignInError
from programme.site import Site


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's own environment."""
    for name in ("SOC_DEMO", "SOC_HUB_IP", "SOC_HUB_PORT", "SOC_HUB_DB", "SOC_IDLE_S",
                 "SOC_SUBDOMAINS", "SOC_EXCHANGE_HTTP", "SOC_EXCHANGE_URL"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


def configured(site: Site) -> Config:
    c = Config()
    settings.update(c, site)
    return c


@pytest.mark.usefixtures("quiet")
def test_listens_on_this_machine_alone(bare_site: Site) -> None:
    c = configured(bare_site)
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert c.JupyterHub.hub_bind_url.startswith("http://127.0.0.1:")
    assert c.ConfigurableHTTPProxy.api_url.startswith("http://127.0.0.1:")


@pytest.mark.usefixtures("quiet")
def test_state_is_the_hubs_alone(bare_site: Site) -> None:
    c = configured(bare_site)
    state = bare_site.root / "hub"
    assert Path(c.JupyterHub.cookie_secret_file).parent == state
    assert state.stat().st_mode & 0o777 == 0o700
    assert c.JupyterHub.db_url == f"sqlite:///{state}/hub.sqlite"


@pytest.mark.usefixtures("quiet")
def test_the_hubs_database_waits_for_the_disk_seldom(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    c = configured(bare_site)
    engine = create_engine(c.JupyterHub.db_url, **c.JupyterHub.db_kwargs)
    with engine.connect() as db:
        said = [db.exec_driver_sql(f"pragma {name}").scalar_one()
                for name in ("journal_mode", "synchronous")]  # fmt: skip
    engine.dispose()
    assert said == ["wal", 1]
    monkeypatch.setenv("SOC_HUB_DB", "postgresql://school@/hub")
    assert "db_kwargs" not in configured(bare_site).JupyterHub


@pytest.mark.usefixtures("quiet")
def test_servers_stop_with_the_hub_unless_told_otherwise(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOC_KEEP_SERVERS", raising=False)
    assert configured(bare_site).JupyterHub.cleanup_servers is True
    monkeypatch.setenv("SOC_KEEP_SERVERS", "1")
    assert configured(bare_site).JupyterHub.cleanup_servers is False


@pytest.mark.usefixtures("quiet")
def test_subdomains_need_a_public_address(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_SUBDOMAINS", "1")
    with pytest.raises(SignInError, match="public_url"):
        configured(bare_site)
    (bare_site.root / "soc.toml").write_text('public_url = "https://school.example"')
    c = configured(Site.open(bare_site.root))
    assert c.JupyterHub.subdomain_host == "https://school.example"
    name_of = c.JupyterHub.subdomain_hook
    assert name_of("sophea", "school.example", "user") == "sophea.school.example"
    assert name_of("programme", "school.example", "service") == "school.example"
    assert settings.proxy_command()[-1] == "--host-routing"


@pytest.mark.usefixtures("quiet")
def test_a_demo_refuses_other_addresses(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_DEMO", "1")
    monkeypatch.setenv("SOC_HUB_IP", "0.0.0.0")  # noqa: S104
    with pytest.raises(DemoError):
        configured(bare_site)


@pytest.mark.usefixtures("quiet")
def test_each_service_has_what_it_needs_and_no_more(bare_site: Site) -> None:
    c = configured(bare_site)
    roles = {role["name"]: role for role in c.JupyterHub.load_roles}
    assert set(roles["service-culler"]["scopes"]) == {
        "list:users", "read:users:activity", "read:servers", "delete:servers",
    }  # fmt: skip
    assert "service-mover" not in roles
    assert not any("admin" in scope for role in roles.values() for scope in role["scopes"])
    assert "access:services!service=exchange" not in roles["user"]["scopes"]
    services = {service["name"]: service for service in c.JupyterHub.services}
    assert "exchange" not in services
    assert {"culler", "mover", "watch", "programme"} <= set(services)
    assert not any(service.get("admin") for service in services.values())


@pytest.mark.usefixtures("quiet")
def test_the_exchange_over_http_is_switched_on(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_EXCHANGE_HTTP", "1")
    c = configured(bare_site)
    (service,) = [one for one in c.JupyterHub.services if one["name"] == "exchange"]
    assert service["url"].startswith("http://127.0.0.1:")
    roles = {role["name"]: role for role in c.JupyterHub.load_roles}
    assert "access:services!service=exchange" in roles["user"]["scopes"]
    assert "service-exchange" not in roles  # it asks with her token and has no right of its own


@pytest.mark.usefixtures("quiet")
def test_on_kubernetes_the_exchange_is_on_and_pods_may_use_it(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_STUDENT_IMAGE", "registry.example/school-student:1")
    c = Config()
    kubernetes.update(c, bare_site)
    assert "exchange" in {one["name"] for one in c.JupyterHub.services}
    assert c.PodSpawner.exchange_url == "http://proxy-http:8000/services/exchange"
    assert set(c.PodSpawner.server_token_scopes) == {
        "users:activity!user", "access:servers!server", "access:services!service=exchange",
    }  # fmt: skip
