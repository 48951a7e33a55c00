"""The tables of analytics as assets.

What belongs here: which they are. What doesn't: building them, and the dashboard made from them.
"""

import dagster as dg

from sparkify_dagster.assets.built import Layer, built_asset
from sparkify_dagster.building.analytics import analytics_version, build_analytics
from sparkify_dagster.tables import ANALYTICS_TABLES


def analytics_assets(months: dg.MonthlyPartitionsDefinition, kinds: set[str]) -> list[dg.AssetsDefinition]:
    """The tables of analytics."""
    layer = Layer("analytics", build_analytics, analytics_version)
    return [built_asset(name, layer, months, kinds) for name in ANALYTICS_TABLES]
