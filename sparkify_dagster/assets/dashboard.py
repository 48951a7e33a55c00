"""The dashboard and the reports of single months as assets.

What belongs here: calling what makes them, and what is told of a page: where it is, and a look at it. What doesn't:
making it (``dashboard``).
"""

from typing import Any

import dagster as dg

from sparkify_dagster.assets.metadata import OWNERS, WAREHOUSE_POOL
from sparkify_dagster.dashboard.descriptions import CHARTS, ChartDescription
from sparkify_dagster.dashboard.figures import NoPlays
from sparkify_dagster.dashboard.publishing import Published, publish
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.settings import DashboardSettings

_KINDS = {"altair", "html"}
_PREVIEWS = ("plays_by_month", "top_songs", "subscriptions")


def dashboard_assets(
    months: dg.MonthlyPartitionsDefinition, destination: DashboardSettings
) -> list[dg.AssetsDefinition]:
    """The dashboard, and the reports of single months.

    Args:
        months: The log months.
        destination: Where the dashboard goes; the reports go beside it.
    """
    return [_dashboard(destination), _monthly_report(months, destination)]


def _dashboard(destination: DashboardSettings) -> dg.AssetsDefinition:
    @dg.asset(
        description="The dashboard: one file of HTML, which needs no network, with a chart for each question and "
        "filters by month and level.",
        deps=_tables(),
        group_name="analytics",
        owners=OWNERS,
        kinds=_KINDS,
        pool=WAREHOUSE_POOL,
        metadata=_definition(),
    )
    def dashboard(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        try:
            return dg.MaterializeResult(metadata=_metadata(publish(warehouse.get(), destination)))
        except NoPlays as nothing:
            context.log.info(str(nothing))
            return dg.MaterializeResult(metadata={"nothing_to_show": str(nothing)})

    return dashboard


def _monthly_report(months: dg.MonthlyPartitionsDefinition, destination: DashboardSettings) -> dg.AssetsDefinition:
    @dg.asset(
        description="A report for each log month: the page of the dashboard with that month, and with the month before "
        "it for comparison.",
        deps=_tables(),
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="analytics",
        owners=OWNERS,
        kinds=_KINDS,
        pool=WAREHOUSE_POOL,
        metadata=_definition(),
    )
    def monthly_report(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        written: list[str] = []
        for month in context.partition_keys:
            try:
                published = publish(warehouse.get(), destination, month)
            except NoPlays as nothing:
                context.log.info(str(nothing))
                context.add_asset_metadata({"nothing_to_show": str(nothing)}, partition_key=month)
            else:
                context.add_asset_metadata(_metadata(published, month), partition_key=month)
                written.append(month)
        return dg.MaterializeResult(metadata={"reports_written": len(written)})

    return monthly_report


def _tables() -> list[str]:
    """The tables that the charts show, in the order of the charts."""
    return list(dict.fromkeys(source.table for chart in CHARTS for source in chart.sources))


def _definition() -> dict[str, Any]:
    """Each chart as a column: so one follows it to the tables, and through them to a key of the JSON."""
    return {
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(chart.name, "chart", _in_words(chart)) for chart in CHARTS]
        ),
        "dagster/column_lineage": dg.TableColumnLineage(
            {
                chart.name: [
                    dg.TableColumnDep(asset_key=dg.AssetKey(source.table), column_name=source.column)
                    for source in chart.sources
                ]
                for chart in CHARTS
            }
        ),
    }


def _in_words(chart: ChartDescription) -> str:
    sources = ", ".join(f"[{source.table}.{source.column}](/assets/{source.table})" for source in chart.sources)
    return f"{chart.question} {chart.note} From: {sources}."


def _metadata(page: Published, month: str | None = None) -> dict[str, Any]:
    from sparkify_dagster.dashboard.previews import as_markdown  # noqa: PLC0415 Altair takes half a second to import

    figures = page.figures
    on_s3 = page.place.startswith("s3://")
    return {
        "place": page.place if on_s3 else dg.MetadataValue.path(page.place),
        **({"url": dg.MetadataValue.url(page.url)} if page.url else {}),
        "bytes": page.size,
        "months": len(figures.months),
        "first_month": figures.months[0],
        "last_month": figures.months[-1],
        "last_day": figures.last_day,
        "plays": sum(row["plays"] for row in figures.plays if month in {None, row["month"]}),
        "preview": dg.MetadataValue.md(as_markdown(_PREVIEWS, figures)),
    }
