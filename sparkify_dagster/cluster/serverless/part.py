"""What the parts of Redshift Serverless have in common.

What belongs here: how the service writes states and tags. What doesn't: any particular part.
"""

from abc import abstractmethod
from typing import Any

from sparkify_dagster.aws.services import WORKGROUPS
from sparkify_dagster.cluster.resource import Resource
from sparkify_dagster.errors import SparkifyError

NOT_THERE = ("ResourceNotFoundException",)
"""Codes of answers that mean that there is none."""

READY = "AVAILABLE"
"""The state of what AWS is not at work on."""


class ServerlessPart(Resource):
    """Something of Redshift Serverless."""

    service = WORKGROUPS
    setting = "--name"

    def tag_list(self) -> list[dict[str, str]]:
        """The tags as this service takes them."""
        return [{"key": key, "value": value} for key, value in self.owner.tags.items()]

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of what has an ARN."""
        answer = self.ask("list_tags_for_resource", "redshift-serverless:ListTagsForResource", resourceArn=arn)
        return {tag["key"]: tag["value"] for tag in answer["tags"]}

    @abstractmethod
    def described(self) -> Any:
        """What AWS says of it; None where it is not there."""

    def ready(self) -> str | None:
        """What AWS is doing with it; None once that is done."""
        described = self.described()
        if described is None:
            raise SparkifyError(f"the {self.title} is gone while it was waited for: somebody removed it.")
        state = str(described["status"])
        return None if state == READY else state.lower()

    def gone(self) -> str | None:
        """What AWS is doing with it until it is gone."""
        described = self.described()
        return None if described is None else str(described["status"]).lower()
