"""A run with all that a run tells of: months of an asset, a check that blocks, steps that depend on each other.

What belongs here: the job, and running it. What doesn't: looking at what came of it.
"""

import dagster as dg

MONTHS = ("2018-01", "2018-02", "2018-03")
_ALL = dg.MonthlyPartitionsDefinition(start_date=MONTHS[0], fmt="%Y-%m")


@dg.asset(partitions_def=_ALL, backfill_policy=dg.BackfillPolicy.single_run(), code_version="1")
def months() -> None:
    """Has partitions."""


@dg.asset(deps=[months])
def whole() -> dg.MaterializeResult:
    """Has none."""
    return dg.MaterializeResult(metadata={"rows": 1})


@dg.asset_check(asset=months, blocking=True)
def good() -> dg.AssetCheckResult:
    """Passes."""
    return dg.AssetCheckResult(passed=True, metadata={"found": 0})


_DEFINITIONS = dg.Definitions(
    assets=[months, whole],
    asset_checks=[good],
    jobs=[dg.define_asset_job("everything")],
    executor=dg.in_process_executor,
)


def run(instance: dg.DagsterInstance) -> str:
    """Runs it for a range of months; gives the run's id."""
    job = _DEFINITIONS.resolve_job_def("everything")
    tags = {
        "dagster/asset_partition_range_start": MONTHS[0],
        "dagster/asset_partition_range_end": MONTHS[-1],
    }
    quietly = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(instance=instance, tags=tags, run_config=quietly)
    assert result.success
    return result.run_id
