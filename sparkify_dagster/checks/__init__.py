"""The asset checks: those that follow from the DDL, and those that are written in SQL.

What belongs here: which check guards which table, how bad its failure is, and what it tells. What doesn't: the tables.
"""

from sparkify_dagster.checks.assets import all_checks

__all__ = ["all_checks"]
