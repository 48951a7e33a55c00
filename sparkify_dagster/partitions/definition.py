"""The log months as Dagster's partitions.

What belongs here: their definition, and which of them a run was asked for. What doesn't: their contents.
"""

import dagster as dg

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def log_months(first_month: str) -> dg.MonthlyPartitionsDefinition:
    """The log months from the first ("YYYY-MM") to the current one, UTC."""
    return dg.MonthlyPartitionsDefinition(start_date=first_month, fmt="%Y-%m", timezone="UTC", end_offset=1)


def asked_months(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> tuple[str, str] | None:
    """The first and last log month that a run was asked for; None where it was asked for none."""
    tags = context.run.tags
    if RANGE_START in tags and RANGE_END in tags:
        return tags[RANGE_START], tags[RANGE_END]
    month = tags.get("dagster/partition")
    return (month, month) if month else None
