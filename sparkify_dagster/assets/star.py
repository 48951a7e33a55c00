"""The tables of the star schema as assets.

What belongs here: calling the build, and what is told of it. What doesn't: building.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from sparkify_dagster.assets.metadata import (
    OWNERS,
    WAREHOUSE_POOL,
    sources_of,
    table_metadata,
)
from sparkify_dagster.building import BuildReport, BuildRequest, build, build_version
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.tables import MONTHLY_TABLES, STAR_TABLES, Table, catalog


class BuildConfig(dg.Config):
    """How to build."""

    rebuild: bool = Field(default=False, description="Build from scratch, not only what came since.")


def star_assets(months: dg.MonthlyPartitionsDefinition, kinds: set[str]) -> list[dg.AssetsDefinition]:
    """The tables of the star schema."""
    return [_star_asset(catalog()[name], months if name in MONTHLY_TABLES else None, kinds) for name in STAR_TABLES]


def _star_asset(table: Table, months: dg.MonthlyPartitionsDefinition | None, kinds: set[str]) -> dg.AssetsDefinition:
    @dg.asset(
        name=table.name,
        description=table.description,
        deps=sources_of(table),
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run() if months else None,
        group_name="star",
        owners=OWNERS,
        kinds=kinds,
        pool=WAREHOUSE_POOL,
        code_version=build_version(table.name),
        metadata=table_metadata(table, transformation=True),
    )
    def star_table(
        context: dg.AssetExecutionContext, config: BuildConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        asked = context.partition_keys if months else []
        span = (asked[0], asked[-1]) if asked else None
        report = build(BuildRequest(table.name, context.run.run_id, span, config.rebuild), warehouse.get())
        for month, rows in report.month_rows.items():
            context.add_asset_metadata({"dagster/partition_row_count": rows}, partition_key=month)
        return dg.MaterializeResult(metadata=_metadata(report))

    return star_table


def _metadata(report: BuildReport) -> dict[str, Any]:
    return {
        "dagster/row_count": report.rows,
        "built_through_load": report.load_id,
        "from_scratch": report.from_scratch,
        "sql_version": build_version(report.table),
        "seconds": round(report.seconds, 3),
    }
