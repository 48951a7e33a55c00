"""The namespace: database, administrator, storage.

What belongs here: making, changing and removing it. What doesn't: its snapshots, which are asked for by the workgroup.
"""

from typing import Any

from sparkify_dagster.cluster.resource import Found, Owner
from sparkify_dagster.cluster.role import Role
from sparkify_dagster.cluster.serverless.part import NOT_THERE, READY, ServerlessPart
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.errors import SparkifyError


class Namespace(ServerlessPart):
    """The namespace.

    Args:
        owner: The platform.
        wishes: What it is to be.
        role: The role that it reads S3 with.
    """

    kind = "namespace"

    def __init__(self, owner: Owner, wishes: Wishes, role: Role) -> None:
        super().__init__(owner, wishes.settings.name)
        self._wishes = wishes
        self._role = role

    @property
    def costs(self) -> str | None:
        """What it costs."""
        return "the storage in use"

    @property
    def secret_arn(self) -> str | None:
        """The secret with the administrator's password."""
        return (self.described() or {}).get("adminPasswordSecretArn")

    def look(self) -> Found | None:
        """Looks for it."""
        namespace = self.described()
        if namespace is None:
            return None
        return Found(
            self.tags_of(namespace["namespaceArn"]),
            state=str(namespace["status"]).lower(),
            facts={
                "database": str(namespace.get("dbName")),
                "encrypted": "yes",
                "secret": str(namespace.get("adminPasswordSecretArn") or "none"),
            },
            changing=namespace["status"] != READY,
        )

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it has the role."""
        if found.facts["database"] != self._wishes.settings.database:
            raise SparkifyError(
                f"the {self.title} is there with database {found.facts['database']}, and the settings say "
                f"{self._wishes.settings.database}: that cannot be changed; set REDSHIFT_DATABASE to what it has."
            )
        return () if self._role.arn in str((self.described() or {}).get("iamRoles")) else ("role",)

    def make(self) -> None:
        """Makes it; the password is made by AWS and kept in Secrets Manager."""
        settings = self._wishes.settings
        self.ask(
            "create_namespace",
            "redshift-serverless:CreateNamespace",
            doing=f"make the {self.title}",
            namespaceName=self.name,
            dbName=settings.database,
            adminUsername=settings.user,
            manageAdminPassword=True,
            iamRoles=[self._role.arn],
            defaultIamRoleArn=self._role.arn,
            tags=self.tag_list(),
        )

    def adjust(self, found: Found) -> None:
        """Gives it the role."""
        self.ask(
            "update_namespace",
            "redshift-serverless:UpdateNamespace",
            doing=f"change the {self.title}",
            namespaceName=self.name,
            iamRoles=[self._role.arn],
            defaultIamRoleArn=self._role.arn,
        )

    def remove(self) -> None:
        """Begins to remove it."""
        self.ask(
            "delete_namespace",
            "redshift-serverless:DeleteNamespace",
            doing=f"remove the {self.title}",
            missing=NOT_THERE,
            namespaceName=self.name,
        )

    def described(self) -> Any:
        """What AWS says of it."""
        answer = self.ask(
            "get_namespace", "redshift-serverless:GetNamespace", missing=NOT_THERE, namespaceName=self.name
        )
        return None if answer is None else answer["namespace"]
