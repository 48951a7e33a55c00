"""A table that SQL builds from others, as an asset.

What belongs here: calling its build, and what is told of it. What doesn't: which tables there are (``star``,
``analytics``), and building.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dagster as dg
from pydantic import Field

from sparkify_dagster.assets.metadata import OWNERS, WAREHOUSE_POOL, sources_of, table_metadata
from sparkify_dagster.building import BuildReport, BuildRequest
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.tables import MONTHLY_TABLES, Table, catalog
from sparkify_dagster.warehouse import Warehouse

Figures = Mapping[str, Mapping[str, float]]
"""Figures by name, by log month ("YYYY-MM")."""


class BuildConfig(dg.Config):
    """How to build."""

    rebuild: bool = Field(default=False, description="Build from scratch, not only what came since.")


@dataclass(frozen=True)
class Layer:
    """How the tables of a group are built.

    Attributes:
        group: Its name.
        build: Builds a table.
        version: The version of the SQL that builds a table.
        figures: What else to tell of the months that were asked for, from the first to the last, of a table.
    """

    group: str
    build: Callable[[BuildRequest, Warehouse], BuildReport]
    version: Callable[[str], str]
    figures: Callable[[str, Warehouse, tuple[str, str]], Figures] = lambda table, warehouse, months: {}


def built_asset(
    name: str, layer: Layer, months: dg.MonthlyPartitionsDefinition, kinds: set[str]
) -> dg.AssetsDefinition:
    """The asset of a table.

    Args:
        name: The table.
        layer: How it is built.
        months: The log months; they are its partitions where it has some.
        kinds: What the warehouse is, as the UI's icons name it.
    """
    table = catalog()[name]
    return _asset(table, layer, months if name in MONTHLY_TABLES else None, kinds)


def _asset(
    table: Table, layer: Layer, months: dg.MonthlyPartitionsDefinition | None, kinds: set[str]
) -> dg.AssetsDefinition:
    @dg.asset(
        name=table.name,
        description=table.description,
        deps=sources_of(table),
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run() if months else None,
        group_name=layer.group,
        owners=OWNERS,
        kinds=kinds,
        pool=WAREHOUSE_POOL,
        code_version=layer.version(table.name),
        metadata=table_metadata(table),
    )
    def built_table(
        context: dg.AssetExecutionContext, config: BuildConfig, warehouse: WarehouseResource
    ) -> dg.MaterializeResult:
        asked = context.partition_keys if months else []
        span = (asked[0], asked[-1]) if asked else None
        report = layer.build(BuildRequest(table.name, context.run.run_id, span, config.rebuild), warehouse.get())
        figures = layer.figures(table.name, warehouse.get(), span) if span else {}
        for month, rows in report.month_rows.items():
            told = {"dagster/partition_row_count": rows, **figures.get(month, {})}
            context.add_asset_metadata(told, partition_key=month)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": report.rows,
                "built_through_load": report.load_id,
                "from_scratch": report.from_scratch,
                "sql_version": layer.version(table.name),
                "seconds": round(report.seconds, 3),
            }
        )

    return built_table
