"""``sparkify cluster``: setting up, looking at, pausing and taking down the production platform.

What belongs here: asking and telling. What doesn't: what is done on AWS (``sparkify_dagster.cluster``).
"""

from sparkify_dagster.cli.cluster.commands import cluster

__all__ = ["cluster"]
