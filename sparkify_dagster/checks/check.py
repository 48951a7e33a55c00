"""What a check is, and what it finds.

What belongs here: plain values. What doesn't: Dagster, and the checks themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sparkify_dagster.lake import Lake
from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY
from sparkify_dagster.warehouse import Parameters, Session, Value

EXAMPLES = 5
"""So many of what a check finds are shown."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a check looks at.

    Attributes:
        session: A reading transaction of the warehouse.
        lake: The lake.
        months: First days of the first and last log month to look at; None for all.
        now: The time, UTC.
    """

    session: Session
    lake: Lake
    months: tuple[date, date] | None
    now: datetime

    @property
    def parameters(self) -> dict[str, Value]:
        """What the SQL of checks may refer to."""
        first, last = self.months or (FIRST_DAY, LAST_DAY)
        return {"first_month": first, "last_month": last, "now": self.now}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        passed: Whether all is well.
        found: Number of rows, files, … that are not as they should be.
        columns: Names of what the examples show.
        examples: A few of them; for a check that measures, all that it measured.
        sql: SQL to look further.
    """

    passed: bool
    found: int
    columns: Sequence[str] = ()
    examples: Sequence[Sequence[Value]] = field(default_factory=list)
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Attributes:
        table: The table that it guards.
        name: Its name, unique for the table.
        description: What must be true, in a sentence.
        find: Looks, and says what it found.
        blocking: Whether what is downstream must not be built on a failure.
        warns: Whether a failure is a warning, not an error.
        looks_at: Other tables that must be built before it can look.
    """

    table: str
    name: str
    description: str
    find: Callable[[Scope], Finding]
    blocking: bool = False
    warns: bool = False
    looks_at: tuple[str, ...] = ()


def find_rows(scope: Scope, sql: str, parameters: Parameters | None = None) -> Finding:
    """Looks for rows that should not be there.

    Args:
        scope: What to look at.
        sql: A query that returns what is wrong, a row each.
        parameters: Beyond those of the scope.
    """
    bound = {**scope.parameters, **(parameters or {})}
    ((count,),) = scope.session.query(f"SELECT COUNT(*) AS found FROM ({sql}) AS findings", bound)  # noqa: S608
    found = int(str(count))
    if not found:
        return Finding(passed=True, found=0, sql=sql)
    shown = scope.session.select(f"SELECT findings.* FROM ({sql}) AS findings LIMIT {EXAMPLES}", bound)  # noqa: S608
    return Finding(passed=False, found=found, columns=shown.columns, examples=shown.rows, sql=sql)


def measure(scope: Scope, sql: str) -> Finding:
    """Measures, where the SQL itself says in its column ``passed`` whether a measure is as it should be."""
    measured = scope.session.select(sql, scope.parameters)
    verdict = list(measured.columns).index("passed")
    failed = sum(1 for row in measured.rows if not row[verdict])
    return Finding(passed=not failed, found=failed, columns=measured.columns, examples=measured.rows, sql=sql)
