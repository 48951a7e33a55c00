"""The command line, ``sparkify``.

What belongs here: the commands, and how errors and results are shown. What doesn't: the work itself. Dagster is
imported only by the commands that run it, so that the others answer at once.
"""

from sparkify_dagster.cli.commands import main

__all__ = ["main"]
