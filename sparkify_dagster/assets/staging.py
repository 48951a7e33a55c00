"""The staging tables as assets.

What belongs here: calling the load, and what is told of it. What doesn't: loading.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from sparkify_dagster.assets.metadata import OWNERS, WAREHOUSE_POOL, table_metadata
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.loading import LoadReport, LoadRequest, MonthReport, load
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.showing import printable
from sparkify_dagster.tables import catalog
from sparkify_dagster.warehouse.counts import count_months, count_rows

BAD_FILES = "bad_files"
"""The metadata that names the files with rejected records."""


class LoadConfig(dg.Config):
    """How to load."""

    rebuild: bool = Field(default=False, description="Load every file again, not only what is new.")
    prune: bool = Field(default=False, description="Remove the rows of files that the lake no longer holds.")


def staging_assets(
    months: dg.MonthlyPartitionsDefinition, max_rejected: float, kinds: set[str]
) -> list[dg.AssetsDefinition]:
    """The staging tables."""

    @dg.asset(
        description=catalog()["staging_events"].description,
        deps=[LOG_PART],
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="staging",
        owners=OWNERS,
        kinds=kinds,
        pool=WAREHOUSE_POOL,
        metadata=table_metadata(catalog()["staging_events"]),
    )
    def staging_events(
        context: dg.AssetExecutionContext,
        config: LoadConfig,
        lake: LakeResource,
        warehouse: WarehouseResource,
    ) -> dg.MaterializeResult:
        asked = context.partition_keys
        request = LoadRequest(
            "staging_events",
            context.run.run_id,
            months=(asked[0], asked[-1]),
            rebuild=config.rebuild,
            prune=config.prune,
            max_rejected=max_rejected,
        )
        report = load(request, lake.get(), warehouse.get())
        _tell_of_lake(context, LOG_PART, report)
        with warehouse.get().reading() as session:
            rows = count_months(session, "staging_events", (first_day(asked[0]), first_day(asked[-1])))
            total = count_rows(session, "staging_events")
        for month in asked:
            figures = report.months.get(month, MonthReport())
            context.add_asset_metadata(
                {**_month_metadata(figures), "dagster/partition_row_count": rows.get(month, 0)}, partition_key=month
            )
        return dg.MaterializeResult(metadata=_metadata(report, total))

    @dg.asset(
        description=catalog()["staging_songs"].description,
        deps=[SONG_PART],
        group_name="staging",
        owners=OWNERS,
        kinds=kinds,
        pool=WAREHOUSE_POOL,
        metadata=table_metadata(catalog()["staging_songs"]),
    )
    def staging_songs(
        context: dg.AssetExecutionContext,
        config: LoadConfig,
        lake: LakeResource,
        warehouse: WarehouseResource,
    ) -> dg.MaterializeResult:
        request = LoadRequest(
            "staging_songs",
            context.run.run_id,
            rebuild=config.rebuild,
            prune=config.prune,
            max_rejected=max_rejected,
        )
        report = load(request, lake.get(), warehouse.get())
        _tell_of_lake(context, SONG_PART, report)
        with warehouse.get().reading() as session:
            rows = count_rows(session, "staging_songs")
        return dg.MaterializeResult(metadata=_metadata(report, rows))

    return [staging_events, staging_songs]


def _tell_of_lake(context: dg.AssetExecutionContext, part: str, report: LoadReport) -> None:
    """Notes what was new in a part of the lake, which others write: else the UI would show it as never there."""
    if report.load_id is None:
        return
    figures = {
        "files_new": report.files + report.refused,
        "files_unchanged": report.unchanged,
        "megabytes_loaded": round(report.bytes / 1e6, 3),
    }
    context.log_event(
        dg.AssetMaterialization(part, description="What a load found new in the lake.", metadata={**figures})
    )


def _metadata(report: LoadReport, row_count: int) -> dict[str, Any]:
    figures = {
        "dagster/row_count": row_count,
        "load_id": report.load_id if report.load_id is not None else "nothing was new",
        "files_loaded": report.files,
        "files_unchanged": report.unchanged,
        "files_replaced": report.replaced,
        "files_refused": report.refused,
        "files_gone": report.gone,
        "megabytes_loaded": round(report.bytes / 1e6, 3),
        "rows_loaded": report.rows,
        "rows_rejected": report.rejected,
        **_rejected_share("rejected_share", report.rows, report.rejected),
        "seconds": round(report.seconds, 3),
    }
    return figures | ({BAD_FILES: _bad_files(report)} if report.bad_files else {})


def _bad_files(report: LoadReport) -> dg.TableMetadataValue:
    """The files with rejected records; alerts are made from it too."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "file": printable(file.key),
                    "status": file.status,
                    "records_rejected": file.rejected,
                    "reason": printable(file.reason),
                }
            )
            for file in report.bad_files
        ]
    )


def _month_metadata(figures: MonthReport) -> dict[str, Any]:
    return {
        "month_files_loaded": figures.files,
        "month_megabytes_loaded": round(figures.bytes / 1e6, 3),
        "month_rows_loaded": figures.rows,
        "month_rows_rejected": figures.rejected,
        **_rejected_share("month_rejected_share", figures.rows, figures.rejected),
    }


def _rejected_share(name: str, rows: int, rejected: int) -> dict[str, float]:
    """The share of records that were rejected, from 0 to 1; of none, there is no share."""
    return {name: round(rejected / (rows + rejected), 6)} if rows + rejected else {}
