"""Launching runs, and knowing of each whether its process still lives.

What belongs here: Dagster's run launcher as ``dagster.yaml`` names it. What doesn't: what runs do, and when.
"""

from sparkify_dagster.launching.launcher import LocalRunLauncher

__all__ = ["LocalRunLauncher"]
