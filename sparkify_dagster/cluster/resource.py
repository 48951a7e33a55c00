"""What all resources of a platform have in common.

What belongs here: whose a resource is, and what can be done with one. What doesn't: any particular kind.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from sparkify_dagster.aws.services import Service
from sparkify_dagster.cluster.account import Account
from sparkify_dagster.cluster.waiting import Patience

PlatformKind = Literal["provisioned", "serverless"]

PLATFORM_TAG = "sparkify:platform"
KIND_TAG = "sparkify:kind"
REGION_TAG = "sparkify:region"


@dataclass(frozen=True, slots=True)
class Owner:
    """The platform that resources belong to.

    Attributes:
        account: Where they are.
        name: Its name.
        kind: Whether a cluster is its warehouse, or a workgroup of Redshift Serverless.
        labels: Tags that its owner wants besides, such as for the bill.
        patience: How long AWS is waited for.
    """

    account: Account
    name: str
    kind: PlatformKind
    labels: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of all that is made."""
        return {
            **self.labels,
            PLATFORM_TAG: self.name,
            KIND_TAG: self.kind,
            REGION_TAG: self.account.region,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that is there.

    Attributes:
        tags: Its tags.
        state: What AWS calls its state; "there" where it has none.
        facts: What is worth showing of it, by name.
        changing: Whether AWS is still at work on it.
    """

    tags: Mapping[str, str]
    state: str = "there"
    facts: Mapping[str, str] = field(default_factory=dict)
    changing: bool = False

    def belongs_to(self, name: str) -> bool:
        """Whether it was made for the platform of that name."""
        return self.tags.get(PLATFORM_TAG) == name


class Resource(ABC):
    """Something of AWS that a platform is made of.

    Each request that changes something may be the last one before the process is killed. So whatever one has to be
    besides being there, ``differs`` looks at and ``adjust`` sets, and the next creation makes good.

    Args:
        owner: The platform.
        name: The resource's name.

    Attributes:
        kind: What people call it.
        service: Who keeps it.
        setting: The option or setting that names it.
        borrowed: Whether one that others made is taken as it is, and left.
    """

    kind: ClassVar[str]
    service: ClassVar[Service]
    setting: ClassVar[str]

    def __init__(self, owner: Owner, name: str) -> None:
        self.owner = owner
        self.name = name
        self.borrowed = False

    @property
    def title(self) -> str:
        """What people are told of it."""
        return f"{self.kind} {self.name!r}"

    @property
    def costs(self) -> str | None:
        """What it costs by being there, in words; None for nothing."""
        return None

    @abstractmethod
    def look(self) -> Found | None:
        """Looks for it; None where it is not there."""

    def prepare(self) -> None:  # noqa: B027 most need nothing
        """Finds what making it needs, so that it is known before anything is made that something is missing.

        Raises:
            SparkifyError: Something is; the message says what to do.
        """

    @abstractmethod
    def make(self) -> None:
        """Makes it, with the tags. It need not be ready yet when this returns."""

    def differs(self, found: Found) -> tuple[str, ...]:
        """What of one that is there is not as it is wanted, each to follow "has other"."""
        return ()

    @abstractmethod
    def adjust(self, found: Found) -> None:
        """Brings one that is there to what is wanted; called where it differs."""

    def ready(self) -> str | None:
        """The state that it is in while AWS works on it; None once there is nothing to wait for."""
        return None

    def gone(self) -> str | None:
        """The state that it is in while it is removed; None once it is gone."""
        return None

    @abstractmethod
    def remove(self) -> None:
        """Removes it. It need not be gone yet when this returns."""

    def ask(
        self,
        operation: str,
        permission: str,
        *,
        doing: str | None = None,
        setting: str | None = None,
        missing: Collection[str] = (),
        **parameters: Any,
    ) -> Any:
        """Makes a request about it.

        Args:
            operation: The method of boto3.
            permission: The permission that it needs.
            doing: What is attempted, to follow "cannot"; by default to look for it.
            setting: The options or settings that it hangs on, where they are not those of the name.
            missing: Codes of answers that mean: there is none.
            **parameters: The parameters, as AWS calls them.

        Returns:
            The answer; None where it is one of ``missing``.

        Raises:
            SparkifyError: There is no proper answer; the message says what to do.
        """
        return self.owner.account.ask(
            self.service,
            operation,
            permission,
            doing=doing or f"look for the {self.title}",
            place=self.title,
            setting=setting or self.setting,
            missing=missing,
            **parameters,
        )

    def tag_list(self) -> list[dict[str, str]]:
        """The tags as most services take them."""
        return [{"Key": key, "Value": value} for key, value in self.owner.tags.items()]


def tags_of(listed: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Reads tags as most services give them."""
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in listed or ()}
