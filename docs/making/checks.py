"""The page of the checks, from the checks themselves.

What belongs here: what of a check is told. What doesn't: the checks.
"""

from collections.abc import Iterator

from dagster import AssetCheckSpec

from docs.making.groups import GROUPS
from docs.making.markdown import code, page, table
from sparkify_dagster.checks import all_checks
from sparkify_dagster.checks.constraints import constraint_checks
from sparkify_dagster.checks.written import written_checks
from sparkify_dagster.tables import catalog


def checks_page() -> str:
    """Every check, by the table that it guards."""
    specs = sorted((spec for step in all_checks() for spec in step.check_specs), key=lambda spec: spec.name)
    warnings = set(_warnings())
    return page(
        "Checks",
        "sql/tables and sparkify_dagster/checks",
        f"The {len(specs)} checks of the tables. Those of keys, references, NULL and accepted values follow from the "
        "DDL, which Redshift declares and never enforces; the others are written, and their SQL is in `sql/checks/`. "
        "Where a *blocking* check fails, nothing is built of what is downstream; an *error* is told to people, and the "
        "load ends with it; a *warning* is shown.",
        *(part for group in GROUPS for name in group.tables for part in _of_table(name, specs, warnings)),
    )


def _of_table(name: str, specs: list[AssetCheckSpec], warnings: set[tuple[str, str]]) -> Iterator[str]:
    own = [spec for spec in specs if spec.asset_key.to_user_string() == name]
    if own:
        yield f"## {name}"
        yield f"Of [{name}](tables/{name}.md)."
        yield table(("check", "what must be true", "a failure is"), (_row(spec, name, warnings) for spec in own))


def _row(spec: AssetCheckSpec, name: str, warnings: set[tuple[str, str]]) -> tuple[str, str, str]:
    weight = "a warning" if (name, spec.name) in warnings else "an error"
    return code(spec.name), spec.description or "", f"{weight}, blocking" if spec.blocking else weight


def _warnings() -> Iterator[tuple[str, str]]:
    """Tables and names of those whose failure is a warning, which their specs don't tell."""
    checks = [*written_checks(), *(check for each in catalog().values() for check in constraint_checks(each))]
    return ((check.table, check.name) for check in checks if check.warns)
