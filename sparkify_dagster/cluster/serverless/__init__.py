"""Redshift Serverless: a namespace, which holds the data, a workgroup, which computes, and what that may cost.

What belongs here: making and removing the three, and the namespace's snapshots. What doesn't: what they hang on.
"""

from sparkify_dagster.cluster.serverless.namespace import Namespace
from sparkify_dagster.cluster.serverless.usage_limit import UsageLimit
from sparkify_dagster.cluster.serverless.workgroup import Workgroup

__all__ = ["Namespace", "UsageLimit", "Workgroup"]
