"""The assets: every table of the warehouse, and the parts of the lake that they come from.

What belongs here: what Dagster needs to know of a table, and the call that materializes it. What doesn't: loading,
building, SQL, checks.
"""

from collections.abc import Sequence

import dagster as dg

from sparkify_dagster.assets.analytics import analytics_assets
from sparkify_dagster.assets.dashboard import dashboard_assets
from sparkify_dagster.assets.lake import lake_assets
from sparkify_dagster.assets.staging import staging_assets
from sparkify_dagster.assets.star import star_assets
from sparkify_dagster.settings import DashboardSettings


def all_assets(
    months: dg.MonthlyPartitionsDefinition, max_rejected: float, kinds: set[str], dashboard: DashboardSettings
) -> Sequence[dg.AssetsDefinition | dg.AssetSpec]:
    """All assets.

    Args:
        months: The log months.
        max_rejected: Largest share of rejected records, from 0 to 1, with which a file still loads.
        kinds: What the warehouse is, as the UI's icons name it.
        dashboard: Where the dashboard goes.
    """
    return [
        *lake_assets(),
        *staging_assets(months, max_rejected, kinds),
        *star_assets(months, kinds),
        *analytics_assets(months, kinds),
        *dashboard_assets(months, dashboard),
    ]
