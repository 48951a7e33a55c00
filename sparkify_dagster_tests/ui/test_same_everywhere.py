"""`sparkify up`, `dagster dev -w workspace.yaml` and `dg dev` show the same platform: asked over GraphQL.

They find it in three ways: by the command's own words, by workspace.yaml and by pyproject.toml.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.tables import LAKE_TABLES, STAR_TABLES
from sparkify_dagster_tests.ui.conftest import Platform
from sparkify_dagster_tests.ui.server import Server

# The group keeps the folder in one process, with one platform.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ui")]

ROOT = Path(__file__).parent.parent.parent

_EVERYTHING = """
{ repositoriesOrError { ... on RepositoryConnection { nodes {
    name
    location { name }
    jobs { name description }
    sensors { name description minIntervalSeconds targets { pipelineName } defaultStatus }
    schedules { name }
    assetNodes {
        assetKey { path } groupName description kinds isExecutable isPartitioned pools
        dependencyKeys { path }
        partitionDefinition { description }
        metadataEntries { label }
        assetChecksOrError { ... on AssetChecks { checks { name description blocking } } }
    }
} } } }
"""


@pytest.fixture(scope="module")
def servers(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """All three, by name; the two that are not running already start at the same time."""
    tool = shutil.which("dg", path=str(Path(sys.executable).parent))
    if tool is None:
        pytest.skip("dg is not installed")
    commands = {
        "dagster dev": [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml"],
        "dg dev": [tool, "dev"],
    }
    with ExitStack() as stack:
        started = {}
        for name, command in commands.items():
            home = tmp_path_factory.mktemp(name.replace(" ", "-"))
            shutil.copy(ROOT / "dagster.yaml", home)
            settings = {
                "DAGSTER_HOME": str(home),
                "SPARKIFY_LAKE": str(home),
                "SPARKIFY_DUCKDB_PATH": str(home / "warehouse.duckdb"),
                "SPARKIFY_FIRST_MONTH": platform.months[0],
            }
            started[name] = stack.enter_context(Server(command, ROOT, settings, home / "printed.log"))
        for server in started.values():
            server.wait_until_up()
        yield {"sparkify up": platform.server, **started}
        with ThreadPoolExecutor() as pool:
            list(pool.map(Server.end, started.values()))


@pytest.fixture(scope="module")
def shown(servers: dict[str, Server]) -> dict[str, dict[str, Any]]:
    """What each of the three shows, by name."""
    return {name: _everything(server) for name, server in servers.items()}


@pytest.mark.parametrize("name", ["dagster dev", "dg dev"])
@pytest.mark.parametrize("what", ["location", "assets", "checks", "jobs", "sensors", "schedules"])
def test_the_same_is_shown_as_by_sparkify_up(shown: dict[str, dict[str, Any]], name: str, what: str) -> None:
    assert shown[name][what] == shown["sparkify up"][what]


def test_what_is_shown_is_the_whole_platform(shown: dict[str, dict[str, Any]]) -> None:
    one = shown["dg dev"]

    assert one["assets"].keys() == {LOG_PART, SONG_PART, *LAKE_TABLES, *STAR_TABLES}
    assert one["jobs"].keys() == {"load_lake", "load_logs", "load_songs", "load_catalogue"}
    assert one["sensors"].keys() == {"new_logs", "new_songs"}
    assert ("songplays", "plays_match_events") in one["checks"]


@pytest.mark.parametrize("name", ["sparkify up", "dagster dev", "dg dev"])
def test_it_comes_up_without_an_error(servers: dict[str, Server], shown: dict[str, dict[str, Any]], name: str) -> None:
    assert not re.search("Traceback|ERROR|CRITICAL", servers[name].printed), servers[name].printed


def _everything(server: Server) -> dict[str, Any]:
    """Assets, checks, jobs and sensors with what is said of them, each by its name."""
    (node,) = server.ask(_EVERYTHING)["repositoriesOrError"]["nodes"]
    assets = {"/".join(asset["assetKey"]["path"]): asset for asset in node["assetNodes"]}
    checks = {
        (name, check["name"]): check
        for name, asset in assets.items()
        for check in asset.pop("assetChecksOrError").get("checks", [])
    }
    # Dagster's own job, of all assets, has a name with underscores.
    by_name = {
        kind: {each["name"]: each for each in node[kind] if not each["name"].startswith("__")}
        for kind in ("jobs", "sensors", "schedules")
    }
    return {"location": (node["location"]["name"], node["name"]), "assets": assets, "checks": checks, **by_name}
