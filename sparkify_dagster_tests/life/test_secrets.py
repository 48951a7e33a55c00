"""What objects that hold secrets say of themselves; whole processes are in ``test_platform_on_redshift``."""

import dataclasses
import html
import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pytest

from sparkify_dagster.location import build_defs
from sparkify_dagster.settings import read_settings
from sparkify_dagster.warehouse.opening import open_warehouse
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.life.planted import Planted


@pytest.mark.engine("redshift")
def test_no_settings_resource_or_warehouse_shows_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted()
    secret, token = planted.values["AWS_SECRET_ACCESS_KEY"], planted.values["AWS_SESSION_TOKEN"]
    pretend_account(monkeypatch, secret=secret, token=token)
    environment = {
        **planted.values,
        "SPARKIFY_WAREHOUSE": "redshift",
        "SPARKIFY_LAKE": "s3://lake",
        "SPARKIFY_MANIFESTS": "s3://own/manifests",
        "SPARKIFY_FIRST_MONTH": "2018-11",
        "REDSHIFT_HOST": "127.0.0.1",
        "REDSHIFT_USER": "loader",
        "REDSHIFT_DATABASE": "dev",
        "REDSHIFT_IAM_ROLE_ARN": "default",
    }
    settings = read_settings(environment, tmp_path)
    resources = build_defs(settings).resources or {}
    configured = [resource for resource in resources.values() if isinstance(resource, dg.ConfigurableResource)]
    assert len(configured) == len(resources)
    channels = list(resources["channels"].get().values())
    assert [channel.name for channel in channels] == ["slack"]
    warehouse = open_warehouse(settings, lock_wait=1.0)
    things = [settings, settings.redshift, settings.alerts, warehouse, *configured, *channels]

    said = [f"{thing} {thing!r} {thing!s}" for thing in things]
    said += [str(vars(thing)) for thing in (warehouse, *configured, *channels)]
    said += [str(dataclasses.asdict(settings)), *(str(resource.model_dump()) for resource in configured)]
    said += [json.dumps(resource.model_dump(), default=repr) for resource in configured]

    assert any("redshift://127.0.0.1/dev/public" in text for text in said)
    assert planted.found_in(("what an object says", text.encode()) for text in said) == set()


@pytest.mark.parametrize("name", ["REDSHIFT_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_a_secret_is_found_however_it_is_written(name: str) -> None:
    planted = Planted()
    value = planted.values[name]
    written = {
        "plain": value,
        "an address": f"https://u:{quote(value, safe='')}@host/",
        "JSON": json.dumps({"password": value}),
        "HTML": html.escape(value),
        **{f"base64 after {text!r}": b64encode(f"{text}{value}".encode()).decode() for text in ("", "a", "a:", "bc:")},
    }
    for how, text in written.items():
        assert planted.found_in([(how, f"… {text} …".encode())]) == {f"{name} in {how}"}
    assert planted.found_in([("another", json.dumps(Planted().values).encode())]) == set()
