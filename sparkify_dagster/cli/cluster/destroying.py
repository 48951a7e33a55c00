"""``sparkify cluster destroy``.

What belongs here: asking, telling what goes and what stays. What doesn't: removing it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import click

from sparkify_dagster.cli.cluster.opening import the_platform
from sparkify_dagster.cli.output import say, warn
from sparkify_dagster.cluster.destroying import Removal, destroy, needs_snapshot, plan_removal
from sparkify_dagster.errors import SparkifyError

_SNAPSHOT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyOptions:
    """What was said with ``sparkify cluster destroy``; see its options."""

    name: str | None
    final_snapshot: str | None
    remove_snapshots: bool
    serverless: bool
    ask: bool
    dry_run: bool


def run_destroy(options: DestroyOptions) -> None:
    """Removes what was made, after asking.

    Raises:
        SparkifyError: Something is in the way; what was removed until then is gone, and the rest goes next time.
    """
    if options.final_snapshot is not None and not _SNAPSHOT.fullmatch(options.final_snapshot):
        raise SparkifyError(
            f"--final-snapshot {options.final_snapshot}: a name is made of small letters, digits and single hyphens, "
            "with a letter in front."
        )
    kind = "serverless" if options.serverless else None
    platform = the_platform(options.name, kind)
    removal = plan_removal(platform)
    snapshot = options.final_snapshot
    if snapshot is not None and not needs_snapshot(removal, snapshot):
        snapshot = None
    goes = [snapshot.name for snapshot in removal.snapshots if options.remove_snapshots and snapshot.ours]
    if not removal.resources and not goes:
        say(f"There is nothing of a platform {platform.owner.name!r} in {platform.owner.account.region} to remove.")
        _tell_staying(removal, goes)
        return
    _show_removal(removal, snapshot, goes, dry_run=options.dry_run)
    if options.dry_run:
        return
    if options.ask:
        snapshot = _ask(removal, snapshot)
    try:
        destroy(removal, final_snapshot=snapshot, remove_snapshots=options.remove_snapshots)
    except (SparkifyError, KeyboardInterrupt):
        warn("What is left stays. The same command goes on from here.")
        raise
    say(f"The platform {platform.owner.name!r} is gone.")
    _tell_staying(plan_removal(platform), [])


def _show_removal(removal: Removal, snapshot: str | None, goes: Sequence[str], *, dry_run: bool) -> None:
    account = removal.platform.owner.account
    verb = "would remove" if dry_run else "remove"
    say(f"Platform {removal.platform.owner.name!r} in {account.region}, account {account.number}")
    if snapshot is not None:
        say(f"  {'would take' if dry_run else 'take'} the snapshot {snapshot!r} first")
    for resource, _ in removal.resources:
        say(f"  {verb} the {resource.title}")
    for name in goes:
        say(f"  {verb} the snapshot {name!r}")
    for resource in removal.others:
        say(f"  the {resource.title} was not made for the platform, and stays")


def _ask(removal: Removal, snapshot: str | None) -> str | None:
    """Asks whether to go on, and for a final snapshot where none is named; gives the snapshot's name."""
    if removal.warehouse and snapshot is None:
        wanted = click.prompt(
            "A last snapshot of the warehouse stays and is billed until you remove it. Name of it, or nothing for none",
            default="",
            show_default=False,
        ).strip()
        snapshot = wanted or None
        if snapshot is not None and not _SNAPSHOT.fullmatch(snapshot):
            raise SparkifyError(f"{snapshot!r} is no name of a snapshot: small letters, digits and single hyphens.")
        if snapshot is not None and not needs_snapshot(removal, snapshot):
            snapshot = None
    click.confirm("Remove all this, with all that is in it?", abort=True)
    return snapshot


def _tell_staying(removal: Removal, goes: Sequence[str]) -> None:
    """Tells what is still billed."""
    for snapshot in removal.snapshots:
        if snapshot.name not in goes:
            # Once all else is gone, nothing tells what kind of platform it was.
            kind = "--serverless " if removal.platform.owner.kind == "serverless" else ""
            command = f"`sparkify cluster destroy {kind}--remove-snapshots`"
            how = f"{command} removes it" if snapshot.ours else "others made it"
            say(f"The snapshot {snapshot.name!r} stays, and is billed: {how}.")
