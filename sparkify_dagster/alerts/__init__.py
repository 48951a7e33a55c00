"""Telling a person that something went wrong.

What belongs here: what an alert is (``alert``), what of a run deserves one (``judging``, from the words in
``run_events``), which runs are still to be told of (``finished``, ``memory``), and the channels (``slack``, ``sns``).
What doesn't: when it is looked for, which is the sensors' (``sensors.alerts``).

All that is told comes from Dagster's event log: the warehouse may be locked, or asleep.
"""

from sparkify_dagster.alerts.alert import Alert, Channel

__all__ = ["Alert", "Channel"]
