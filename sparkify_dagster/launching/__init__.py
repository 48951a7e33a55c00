"""Launching runs, and knowing of each whether its process still lives.

What belongs here: Dagster's run launchers as ``dagster.yaml`` and ``deploy/dagster.yaml`` name them. What doesn't: what
runs do, and when.
"""

from sparkify_dagster.launching.code_server import CodeServerRunLauncher
from sparkify_dagster.launching.launcher import LocalRunLauncher

__all__ = ["CodeServerRunLauncher", "LocalRunLauncher"]
