"""Creating a platform.

What belongs here: what is to be done, and doing it. What doesn't: the resources, and asking people.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sparkify_dagster.cluster.platform import Platform
from sparkify_dagster.cluster.resource import Found, Resource
from sparkify_dagster.errors import SparkifyError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about a resource.

    Attributes:
        resource: The resource.
        action: What it is.
        found: What is there of it already.
        others: What of that is changed.
    """

    resource: Resource
    action: Literal["make", "change", "keep", "use"]
    found: Found | None = None
    others: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why that is to be done, in words."""
        if self.action == "change":
            return f"it has other {', '.join(self.others)}"
        if self.action == "use":
            return "it is there, was not made by this command, and stays as it is"
        if self.action == "keep":
            return "it is there, as it should be"
        return self.resource.costs or ""


def plan_creation(platform: Platform) -> list[Step]:
    """Says what is to be done; nothing is changed.

    Raises:
        SparkifyError: A name is taken by what belongs to others.
    """
    return [_step(platform, resource) for resource in platform.resources]


def create(steps: Sequence[Step]) -> None:
    """Does what is to be done. It may be called again and again, whatever came of it before.

    Raises:
        SparkifyError: AWS refuses something; the message says what to do. What was made until then stays.
    """
    for step in steps:
        resource = step.resource
        if step.action == "make":
            resource.make()
            _log.info("made the %s", resource.title)
        elif step.action == "change":
            _wait(resource)
            resource.adjust(step.found or Found({}))
            _log.info("changed the %s", resource.title)
        else:
            _log.info("the %s is there", resource.title)
        _wait(resource)


def _step(platform: Platform, resource: Resource) -> Step:
    found = resource.look()
    if found is None:
        resource.prepare()
        return Step(resource, "make")
    if not found.belongs_to(platform.owner.name):
        if resource.borrowed:
            return Step(resource, "use", found)
        raise SparkifyError(
            f"there is a {resource.title} already, and it was not made for the platform {platform.owner.name!r}: "
            f"choose another name by {resource.setting}; nothing was changed."
        )
    others = resource.differs(found)
    return Step(resource, "change", found, others) if others else Step(resource, "keep", found)


def _wait(resource: Resource) -> None:
    resource.owner.patience.wait(resource.title, resource.ready)
