"""Taking a platform down.

What belongs here: what is to be removed, what stays, and removing it. What doesn't: the resources, and asking people.
"""

import logging
from dataclasses import dataclass
from functools import partial

from sparkify_dagster.cluster.platform import Platform
from sparkify_dagster.cluster.resource import Found, Resource
from sparkify_dagster.cluster.warehouse import Snapshot
from sparkify_dagster.errors import SparkifyError

_GOING = "deleting"
_FAILED = ("failed", "cancelled", "deleted")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to be removed.

    Attributes:
        platform: The platform.
        resources: What goes, in this order.
        others: What is there under a name of the platform and was not made for it; it stays.
        snapshots: The snapshots of its warehouse, which stay and are billed unless they are removed too.
    """

    platform: Platform
    resources: tuple[tuple[Resource, Found], ...]
    others: tuple[Resource, ...]
    snapshots: tuple[Snapshot, ...]

    @property
    def warehouse(self) -> Found | None:
        """The warehouse as it was found; None where there is none to remove, and to take a snapshot of."""
        return next((found for resource, found in self.resources if resource is self.platform.warehouse), None)

    def snapshot(self, name: str) -> Snapshot | None:
        """The snapshot of that name; None where there is none."""
        return next((snapshot for snapshot in self.snapshots if snapshot.name == name), None)


def plan_removal(platform: Platform) -> Removal:
    """Says what is to be removed; nothing is changed."""
    there = [(resource, resource.look()) for resource in reversed(platform.resources)]
    name = platform.owner.name
    return Removal(
        platform,
        tuple((resource, found) for resource, found in there if found and found.belongs_to(name)),
        tuple(resource for resource, found in there if found and not found.belongs_to(name)),
        tuple(platform.warehouse.snapshots()),
    )


def needs_snapshot(removal: Removal, name: str) -> bool:
    """Whether a last snapshot has still to be taken: not where one was, and the warehouse or all went after that.

    Raises:
        SparkifyError: It can't be; the message says what to do.
    """
    if not removal.resources:
        return False
    title, there = removal.platform.warehouse.title, removal.snapshot(name)
    found = removal.warehouse
    if found is None or found.state == _GOING:
        if there is None or not there.ours:
            raise SparkifyError(f"there is no {title} left to take a snapshot of: leave out --final-snapshot.")
        return False
    if there is not None and (there.state == "available" or not there.ours):
        # It may be of long ago. Of one that is still being taken, this can't be so.
        raise SparkifyError(
            f"there is a snapshot {name!r} already: give the new one another name, or leave out --final-snapshot if "
            "that is the last one; nothing was removed."
        )
    if found.state == "paused":
        raise SparkifyError(
            f"the {title} is paused, and AWS takes snapshots of running ones only: `sparkify cluster resume` first, or "
            "go without one; nothing was removed."
        )
    return True


def destroy(removal: Removal, *, final_snapshot: str | None, remove_snapshots: bool) -> None:
    """Removes it. It may be called again and again, whatever came of it before.

    Args:
        removal: What goes.
        final_snapshot: The name of a snapshot that is taken before; None for none.
        remove_snapshots: Whether the snapshots that were made for the platform go as well.

    Raises:
        SparkifyError: AWS refuses something; the message says what to do. What was removed until then is gone.
    """
    warehouse, patience = removal.platform.warehouse, removal.platform.owner.patience
    if final_snapshot is not None:
        _take(removal, final_snapshot)
    for resource, _ in removal.resources:
        patience.wait(resource.title, partial(_unsettled, resource))
        resource.remove()
        patience.wait(resource.title, resource.gone)
        _log.info("removed the %s", resource.title)
    if remove_snapshots:
        for snapshot in removal.snapshots:
            if snapshot.ours:
                warehouse.remove_snapshot(snapshot.name)
                _log.info("removed the snapshot %r", snapshot.name)


def _take(removal: Removal, name: str) -> None:
    """Takes a snapshot, and waits until it is there: the warehouse goes only then."""
    warehouse, patience = removal.platform.warehouse, removal.platform.owner.patience
    if removal.snapshot(name) is None:
        patience.wait(warehouse.title, partial(_unsettled, warehouse))
        warehouse.take_snapshot(name)

    def state() -> str | None:
        found = next((snapshot for snapshot in warehouse.snapshots() if snapshot.name == name), None)
        if found is None or found.state in _FAILED:
            raise SparkifyError(f"the snapshot {name!r} failed; nothing was removed. Try again, or go without one.")
        return None if found.state == "available" else found.state

    patience.wait(f"snapshot {name!r}", state)
    _log.info("took the snapshot %r", name)


def _unsettled(resource: Resource) -> str | None:
    found = resource.look()
    return found.state if found is not None and found.changing else None
