"""``sparkify cluster status`` and ``policy``: what is there, and what it takes to change it.

What belongs here: telling that. What doesn't: looking for it.
"""

import json
from collections.abc import Sequence

from sparkify_dagster.cli.cluster.opening import settings_of, the_account, the_platform
from sparkify_dagster.cli.output import say, show_table
from sparkify_dagster.cluster.permissions import COMMANDS, policy_for
from sparkify_dagster.cluster.platform import Platform, planned
from sparkify_dagster.cluster.resource import Owner, Resource
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.errors import SparkifyError


def run_status(name: str | None) -> int:
    """Shows what there is; returns the exit code, which is 0 if all of it is there and the warehouse answers."""
    platform = the_platform(name)
    account = platform.owner.account
    say(f"Platform {platform.owner.name!r} in {account.region}, account {account.number}")
    rows, whole = [], True
    there = {resource: resource.look() for resource in platform.resources}
    for resource, found in there.items():
        ours = found is not None and found.belongs_to(platform.owner.name)
        state = "not there" if found is None else found.state if ours or resource.borrowed else "belongs to others"
        whole = whole and (ours or (found is not None and resource.borrowed))
        facts = [f"{fact}: {value}" for fact, value in found.facts.items()] if found and ours else []
        rows += _rows(resource, state, facts)
    show_table("", ["resource", "name", "state", ""], rows)
    _tell_snapshots(platform)
    warehouse = there[platform.warehouse]
    return 0 if whole and warehouse is not None and warehouse.state == "available" else 1


def _rows(resource: Resource, state: str, facts: Sequence[str]) -> list[list[str]]:
    """A line for a resource, and one more for each further fact."""
    first, *others = facts or [""]
    return [[resource.kind, resource.name, state, first], *(["", "", "", fact] for fact in others)]


def run_policy(command: str, name: str | None, *, serverless: bool) -> None:
    """Prints what a command needs to be allowed."""
    if command not in COMMANDS:
        raise SparkifyError(f"there is no policy for {command!r}: there are those for {', '.join(COMMANDS)}.")
    settings = settings_of(name)
    owner = Owner(the_account(), settings.name, "serverless" if serverless else "provisioned")
    platform = planned(owner, Wishes(settings))
    if command in {"pause", "resume"}:
        platform.warehouse.check_pauses()
    say(json.dumps(policy_for(command, platform, settings), indent=2))


def _tell_snapshots(platform: Platform) -> None:
    for snapshot in platform.warehouse.snapshots():
        whose = "made for the platform" if snapshot.ours else "made by others"
        say(f"  snapshot {snapshot.name!r} ({snapshot.state}, {whose}) is billed until it is removed")
