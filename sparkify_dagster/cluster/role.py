"""The IAM role that Redshift reads and writes S3 with.

What belongs here: making, changing and removing it. What doesn't: what it may do (``access``).
"""

import json
from typing import Any

from sparkify_dagster.aws.services import IAM
from sparkify_dagster.cluster.access import lake_access, read_all_arn, trust
from sparkify_dagster.cluster.resource import Found, Owner, Resource, tags_of

_POLICY = "sparkify-lake"
_NONE = ("NoSuchEntity",)


class Role(Resource):
    """The role.

    Args:
        owner: The platform.
        name: Its name.
        lake: The places of the lake; only ``make`` and ``adjust`` need them.
        manifests: The place of the manifests.
        reads_all_buckets: Whether it gets AWS's own policy to read all buckets.
    """

    kind = "IAM role"
    service = IAM
    setting = "SPARKIFY_CLUSTER_ROLE"

    def __init__(
        self, owner: Owner, name: str, *, lake: tuple[str, ...], manifests: str, reads_all_buckets: bool
    ) -> None:
        super().__init__(owner, name)
        self._lake = lake
        self._manifests = manifests
        self._reads_all_buckets = reads_all_buckets

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.owner.account.arn("iam", f"role/{self.name}", regional=False)

    @property
    def _read_all_arn(self) -> str:
        return read_all_arn(self.owner.account)

    def look(self) -> Found | None:
        """Looks for it."""
        answer = self.ask("get_role", "iam:GetRole", missing=_NONE, RoleName=self.name)
        if answer is None:
            return None
        return Found(tags_of(answer["Role"].get("Tags")), facts={"ARN": answer["Role"]["Arn"]})

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it trusts and may do what is wanted."""
        role = self.ask("get_role", "iam:GetRole", RoleName=self.name)["Role"]
        others = []
        if _document(role["AssumeRolePolicyDocument"]) != trust(self.owner):
            others.append("trust")
        if self._policy() != self._wanted_policy():
            others.append("access to the lake")
        if (self._read_all_arn in self._attached()) != self._reads_all_buckets:
            others.append("access to all buckets")
        return tuple(others)

    def make(self) -> None:
        """Makes it."""
        self.ask(
            "create_role",
            "iam:CreateRole",
            doing=f"make the {self.title}",
            RoleName=self.name,
            AssumeRolePolicyDocument=json.dumps(trust(self.owner)),
            Description=f"Lets Redshift read the lake of the platform {self.owner.name}.",
            Tags=self.tag_list(),
        )
        self._permit()

    def adjust(self, found: Found) -> None:
        """Sets trust and access."""
        self.ask(
            "update_assume_role_policy",
            "iam:UpdateAssumeRolePolicy",
            doing=f"change whom the {self.title} trusts",
            RoleName=self.name,
            PolicyDocument=json.dumps(trust(self.owner)),
        )
        self._permit()

    def remove(self) -> None:
        """Removes it, with whatever policies it has by now."""
        doing = f"take the policies off the {self.title}"
        for arn in self._attached():
            self.ask("detach_role_policy", "iam:DetachRolePolicy", doing=doing, RoleName=self.name, PolicyArn=arn)
        listed = self.ask("list_role_policies", "iam:ListRolePolicies", RoleName=self.name)
        for policy in listed["PolicyNames"]:
            self.ask("delete_role_policy", "iam:DeleteRolePolicy", doing=doing, RoleName=self.name, PolicyName=policy)
        self.ask("delete_role", "iam:DeleteRole", doing=f"remove the {self.title}", missing=_NONE, RoleName=self.name)

    def _permit(self) -> None:
        doing = f"set what the {self.title} may do"
        self.ask(
            "put_role_policy",
            "iam:PutRolePolicy",
            doing=doing,
            RoleName=self.name,
            PolicyName=_POLICY,
            PolicyDocument=json.dumps(self._wanted_policy()),
        )
        attached = self._read_all_arn in self._attached()
        named = {"RoleName": self.name, "PolicyArn": self._read_all_arn}
        if self._reads_all_buckets and not attached:
            self.ask("attach_role_policy", "iam:AttachRolePolicy", doing=doing, **named)
        elif attached and not self._reads_all_buckets:
            self.ask("detach_role_policy", "iam:DetachRolePolicy", doing=doing, **named)

    def _wanted_policy(self) -> dict[str, Any]:
        return lake_access(self.owner, self._lake, self._manifests)

    def _policy(self) -> Any:
        answer = self.ask("get_role_policy", "iam:GetRolePolicy", missing=_NONE, RoleName=self.name, PolicyName=_POLICY)
        return None if answer is None else _document(answer["PolicyDocument"])

    def _attached(self) -> list[str]:
        listed = self.ask("list_attached_role_policies", "iam:ListAttachedRolePolicies", RoleName=self.name)
        return [policy["PolicyArn"] for policy in listed["AttachedPolicies"]]


def _document(policy: Any) -> Any:
    """A policy as boto3 gives it: read already, or as text where the server did not quote it."""
    return json.loads(policy) if isinstance(policy, str) else policy
