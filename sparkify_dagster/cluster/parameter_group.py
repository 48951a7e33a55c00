"""The parameter group: that a cluster takes no connection without TLS.

What belongs here: the group and its one parameter. What doesn't: that clients check the certificate (``warehouse``).
"""

from sparkify_dagster.aws.services import CLUSTERS
from sparkify_dagster.cluster.resource import Found, Resource, tags_of

_FAMILY = "redshift-1.0"
_NONE = ("ClusterParameterGroupNotFound", "ClusterParameterGroupNotFoundFault")
_PARAMETER = "require_ssl"


class ParameterGroup(Resource):
    """The group."""

    kind = "parameter group"
    service = CLUSTERS
    setting = "--name"

    def look(self) -> Found | None:
        """Looks for it."""
        answer = self.ask(
            "describe_cluster_parameter_groups",
            "redshift:DescribeClusterParameterGroups",
            missing=_NONE,
            ParameterGroupName=self.name,
        )
        if answer is None or not answer["ParameterGroups"]:
            return None
        return Found(tags_of(answer["ParameterGroups"][0].get("Tags")))

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it requires TLS."""
        answer = self.ask(
            "describe_cluster_parameters",
            "redshift:DescribeClusterParameters",
            ParameterGroupName=self.name,
            Source="user",
        )
        required = any(
            parameter["ParameterName"] == _PARAMETER and parameter.get("ParameterValue", "").lower() == "true"
            for parameter in answer["Parameters"]
        )
        return () if required else ("requirement of TLS",)

    def make(self) -> None:
        """Makes it."""
        self.ask(
            "create_cluster_parameter_group",
            "redshift:CreateClusterParameterGroup",
            doing=f"make the {self.title}",
            ParameterGroupName=self.name,
            ParameterGroupFamily=_FAMILY,
            Description=f"TLS for the platform {self.owner.name}",
            Tags=self.tag_list(),
        )
        self.adjust(Found(self.owner.tags))

    def adjust(self, found: Found) -> None:
        """Requires TLS."""
        self.ask(
            "modify_cluster_parameter_group",
            "redshift:ModifyClusterParameterGroup",
            doing=f"require TLS by the {self.title}",
            ParameterGroupName=self.name,
            Parameters=[{"ParameterName": _PARAMETER, "ParameterValue": "true", "ApplyType": "static"}],
        )

    def remove(self) -> None:
        """Removes it."""
        self.ask(
            "delete_cluster_parameter_group",
            "redshift:DeleteClusterParameterGroup",
            doing=f"remove the {self.title}",
            missing=_NONE,
            ParameterGroupName=self.name,
        )
