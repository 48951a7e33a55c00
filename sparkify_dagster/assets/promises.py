"""What holds for every asset, whatever makes it: what it is about, how far it is from the source, how fresh it is kept.

Log files come daily, so what follows from them is expected to be made anew daily: later than 26 hours is a warning,
later than 50 hours a failure. Songs come when they come. Nor is anything promised of a lake whose newest logs are old,
such as a sample of 2018: nobody could do anything about it. What is promised is settled when the definitions are
loaded, and stays so until then: a lake that falls silent afterwards turns red.

What belongs here: these promises. What doesn't: looking whether they are kept, which Dagster's daemon does, and the age
of the events themselves, at which the check ``staging_events.freshness`` looks.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import dagster as dg

from sparkify_dagster.assets.metadata import is_clone
from sparkify_dagster.lake.keys import LOG_PART, next_month
from sparkify_dagster.partitions.months import current_month
from sparkify_dagster.tables import catalog

DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
"""A day, and two, with two hours for a file that is late."""

_TIERS = {"lake": "source", "staging": "bronze", "star": "silver", "analytics": "gold"}


def logs_come_daily(months: Sequence[str] | None) -> bool:
    """Whether the daily promise holds for a lake: one that begins, or whose logs reach into this month or the last.

    Args:
        months: The log months ("YYYY-MM") that the lake holds, sorted; None where it does not answer.
    """
    now = current_month()
    begun = [month for month in months or [] if month <= now]
    return not begun or next_month(begun[-1]) >= now


def with_promises(
    assets: Sequence[dg.AssetsDefinition | dg.AssetSpec], *, logs_come_daily: bool
) -> Sequence[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets, with tags, freshness, and, in a clone, links to their code.

    Args:
        assets: All assets.
        logs_come_daily: Whether the newest logs of the lake are recent.
    """
    specs = {spec.key: spec for asset in assets for spec in _specs(asset)}

    def promise(spec: dg.AssetSpec) -> dg.AssetSpec:
        of_logs = LOG_PART in _sources(spec, specs)
        is_daily = logs_come_daily and of_logs and spec.key.to_user_string() in catalog()
        return spec.replace_attributes(
            tags={
                **spec.tags,
                "domain": "listening" if of_logs else "catalogue",
                "tier": _TIERS.get(spec.group_name or "", "gold"),
            },
            freshness_policy=DAILY if is_daily else spec.freshness_policy,
        )

    promised = [*dg.map_asset_specs(promise, assets)]
    if not is_clone():
        return promised
    linked = dg.with_source_code_references(promised)
    return [asset for asset in linked if isinstance(asset, dg.AssetsDefinition | dg.AssetSpec)]


def _specs(asset: dg.AssetsDefinition | dg.AssetSpec) -> Sequence[dg.AssetSpec]:
    return [*asset.specs] if isinstance(asset, dg.AssetsDefinition) else [asset]


def _sources(spec: dg.AssetSpec, specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> set[str]:
    """The names of an asset and of all that it comes from."""
    upstream = [specs[dep.asset_key] for dep in spec.deps if dep.asset_key in specs]
    return {spec.key.to_user_string()}.union(*(_sources(other, specs) for other in upstream))
