"""The schedules: what is by the clock, all in UTC.

They are on by default, for embedded and for production alike: who starts the platform expects that it looks after
itself. What they cost on Redshift is to be woken once a night: reconciliation and analytics follow each other closely,
the second only asks the ledger where nothing is behind, and the report is made on the second of a month, after them.

What belongs here: when, and for which months. What doesn't: what arrives (``sensors``), and the jobs (``jobs``).
"""

from sparkify_dagster.schedules.analytics import nightly_analytics
from sparkify_dagster.schedules.reconciliation import nightly_reconciliation
from sparkify_dagster.schedules.report import monthly_report_schedule

__all__ = ["monthly_report_schedule", "nightly_analytics", "nightly_reconciliation"]
