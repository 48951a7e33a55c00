"""The names of the jobs, for whoever asks for a run without needing Dagster.

What belongs here: names. What doesn't: the jobs (``jobs``).
"""

LOAD_LAKE = "load_lake"
LOAD_LOGS = "load_logs"
LOAD_SONGS = "load_songs"
LOAD_CATALOGUE = "load_catalogue"
REFRESH_ANALYTICS = "refresh_analytics"
RECONCILE = "reconcile"
MAKE_MONTHLY_REPORT = "make_monthly_report"
