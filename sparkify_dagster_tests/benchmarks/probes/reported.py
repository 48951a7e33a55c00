"""Prints, as JSON, how many seconds the platform reported of assets when they were last materialized.

`reported.py ASSET…`, in a folder in which `sparkify load` has run.

What belongs here: asking Dagster's instance in the folder's state. What doesn't: what is asked for.
"""

import json
import sys
from pathlib import Path

import dagster as dg

from sparkify_dagster_tests.benchmarks.deployments import STATE


def seconds(instance: dg.DagsterInstance, asset: str) -> object:
    """The seconds among an asset's metadata."""
    event = instance.get_latest_materialization_event(dg.AssetKey(asset))
    if event is None or event.asset_materialization is None:
        raise SystemExit(f"{asset} was not materialized")
    return event.asset_materialization.metadata["seconds"].value


if __name__ == "__main__":
    with dg.DagsterInstance.from_config(str(Path(STATE).absolute() / "dagster")) as opened:
        print(json.dumps({asset: seconds(opened, asset) for asset in sys.argv[1:]}))
