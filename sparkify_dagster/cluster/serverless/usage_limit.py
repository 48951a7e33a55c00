"""The most that a workgroup may compute a day.

What belongs here: making, changing and removing the limit. What doesn't: the workgroup.
"""

from collections.abc import Mapping
from typing import Any

from sparkify_dagster.cluster.resource import Found, Owner
from sparkify_dagster.cluster.serverless.part import NOT_THERE, ServerlessPart
from sparkify_dagster.cluster.serverless.workgroup import Workgroup
from sparkify_dagster.cluster.wishes import Wishes


class UsageLimit(ServerlessPart):
    """The most that the workgroup may compute a day; it goes with the workgroup.

    Args:
        owner: The platform.
        wishes: How much that is.
        workgroup: The workgroup, which must be there to make it.
    """

    kind = "usage limit"
    setting = "--usage-limit"

    def __init__(self, owner: Owner, wishes: Wishes, workgroup: Workgroup) -> None:
        super().__init__(owner, f"{wishes.settings.name}-a-day")
        self._wishes = wishes
        self._workgroup = workgroup

    def look(self) -> Found | None:
        """Looks for it. It has no tags, and is whose the workgroup is."""
        limit = self.described()
        if limit is None:
            return None
        workgroup = self._workgroup.look()
        return Found(
            workgroup.tags if workgroup else {},
            facts={"amount": f"{limit['amount']} RPU-hours a day, then {limit['breachAction']}"},
        )

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it is another amount."""
        limit = self.described() or {}
        as_wanted = (limit.get("amount"), limit.get("breachAction")) == (self._wishes.usage_limit, "deactivate")
        return () if as_wanted else ("amount",)

    def make(self) -> None:
        """Makes it."""
        self.ask(
            "create_usage_limit",
            "redshift-serverless:CreateUsageLimit",
            doing=f"make the {self.title}",
            resourceArn=self._workgroup.arn,
            usageType="serverless-compute",
            amount=self._wishes.usage_limit,
            period="daily",
            breachAction="deactivate",
        )

    def adjust(self, found: Found) -> None:
        """Sets the amount."""
        limit: Mapping[str, Any] = self.described() or {}
        self.ask(
            "update_usage_limit",
            "redshift-serverless:UpdateUsageLimit",
            doing=f"change the {self.title}",
            usageLimitId=limit["usageLimitId"],
            amount=self._wishes.usage_limit,
            breachAction="deactivate",
        )

    def remove(self) -> None:
        """Removes it."""
        limit = self.described()
        if limit is not None:
            self.ask(
                "delete_usage_limit",
                "redshift-serverless:DeleteUsageLimit",
                doing=f"remove the {self.title}",
                missing=NOT_THERE,
                usageLimitId=limit["usageLimitId"],
            )

    def ready(self) -> str | None:
        """There is nothing to wait for."""
        return None

    def gone(self) -> str | None:
        """There is nothing to wait for."""
        return None

    def described(self) -> Any:
        """What AWS says of it."""
        arn = self._workgroup.arn
        if arn is None:
            return None
        answer = self.ask(
            "list_usage_limits",
            "redshift-serverless:ListUsageLimits",
            missing=NOT_THERE,
            resourceArn=arn,
            usageType="serverless-compute",
        )
        daily = [limit for limit in (answer or {}).get("usageLimits", ()) if limit.get("period") == "daily"]
        return daily[0] if daily else None
