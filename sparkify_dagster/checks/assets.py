"""The checks as Dagster's asset checks: those of a table are one step, so that they cost one.

What belongs here: specs, steps, severities, metadata. What doesn't: looking.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

import dagster as dg

from sparkify_dagster.assets.metadata import WAREHOUSE_POOL, sql_block
from sparkify_dagster.checks.check import Check, Finding, Scope
from sparkify_dagster.checks.constraints import constraint_checks
from sparkify_dagster.checks.sums import sum_checks
from sparkify_dagster.checks.written import written_checks
from sparkify_dagster.loading.ledger import utc_now
from sparkify_dagster.partitions.definition import asked_months
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.resources.lake import LakeResource
from sparkify_dagster.resources.warehouse import WarehouseResource
from sparkify_dagster.tables import ANALYTICS_TABLES, BASE_TABLES, LAKE_TABLES, STAR_TABLES, catalog
from sparkify_dagster.warehouse import Value


def all_checks() -> list[dg.AssetChecksDefinition]:
    """All checks, in one step for each table, and one more where a table is held against others."""
    checks = [*_constraint_checks(), *written_checks(), *sum_checks()]
    ordered = sorted(checks, key=_step_name)
    return [_step(name, list(of_step)) for name, of_step in groupby(ordered, key=_step_name)]


def _constraint_checks() -> Iterator[Check]:
    for name in (*LAKE_TABLES, *STAR_TABLES, *ANALYTICS_TABLES):
        yield from constraint_checks(catalog()[name])


def _step_name(check: Check) -> str:
    others = [table for table in check.looks_at if table in STAR_TABLES]
    return f"{check.table}_references" if others else f"{check.table}_checks"


def _step(name: str, checks: Sequence[Check]) -> dg.AssetChecksDefinition:
    by_name = {check.name: check for check in checks}
    others = sorted({table for check in checks for table in check.looks_at if table in STAR_TABLES})

    @dg.multi_asset_check(
        name=name, specs=[_spec(check, others) for check in checks], can_subset=True, pool=WAREHOUSE_POOL
    )
    def look(
        context: dg.AssetCheckExecutionContext, lake: LakeResource, warehouse: WarehouseResource
    ) -> Iterable[dg.AssetCheckResult]:
        asked = asked_months(context)
        months = (first_day(asked[0]), first_day(asked[1])) if asked else None
        warehouse.get().create_tables({*BASE_TABLES, *(check.table for check in checks)})
        with warehouse.get().reading() as session:
            scope = Scope(session, lake.get(), months, utc_now())
            for key in sorted(context.selected_asset_check_keys):
                check = by_name[key.name]
                yield _result(check, check.find(scope))

    return look


def _spec(check: Check, others: Sequence[str]) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check.name,
        asset=check.table,
        description=check.description,
        blocking=check.blocking,
        additional_deps=others or None,
    )


def _result(check: Check, finding: Finding) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"found": finding.found}
    if finding.examples:
        metadata["measured" if finding.passed else "examples"] = dg.MetadataValue.table(
            [dg.TableRecord(dict(zip(finding.columns, map(_plain, row), strict=True))) for row in finding.examples]
        )
    if finding.sql and not finding.passed:
        metadata["look_further"] = sql_block(finding.sql)
    return dg.AssetCheckResult(
        asset_key=check.table,
        check_name=check.name,
        passed=finding.passed,
        severity=dg.AssetCheckSeverity.WARN if check.warns else dg.AssetCheckSeverity.ERROR,
        description=None if finding.passed else f"{finding.found:,} found. Expected: {check.description}",
        metadata=metadata,
    )


def _plain(value: Value) -> str | int | float | bool | None:
    return value.isoformat() if isinstance(value, date | datetime) else value
