"""The commands ``sparkify cluster …`` and their options.

What belongs here: names, options, help. What doesn't: what a command does, which is in the modules beside this one.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sparkify_dagster.cli.output import show_progress
from sparkify_dagster.settings.cluster import DEFAULT_BASE_CAPACITY, DEFAULT_NODE_TYPE, DEFAULT_USAGE_LIMIT

_Command = Callable[..., Any]


@click.group()
def cluster() -> None:
    """Set up, look at, pause and take down the production platform on AWS."""


def _named(command: _Command) -> _Command:
    return click.option("--name", help="The platform's name; SPARKIFY_CLUSTER, else sparkify.")(command)


def _dry(command: _Command) -> _Command:
    return click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")(command)


@cluster.command()
@_named
@click.option("--serverless", is_flag=True, help="Redshift Serverless, not a cluster.")
@click.option("--nodes", type=click.IntRange(1, 128), help="Nodes of the cluster.  [default: 1]")
@click.option("--node-type", help=f"Their type.  [default: {DEFAULT_NODE_TYPE}]")
@click.option(
    "--base-capacity",
    type=click.IntRange(4, 1024),
    default=DEFAULT_BASE_CAPACITY,
    show_default=True,
    help="Serverless: RPUs.",
)
@click.option(
    "--usage-limit",
    type=click.IntRange(1),
    default=DEFAULT_USAGE_LIMIT,
    show_default=True,
    help="Serverless: RPU-hours a day.",
)
@click.option("--cidr", multiple=True, help="Network that may connect; by default, this machine's address alone.")
@click.option("--public/--private", default=None, help="Whether it has an address on the internet.")
@click.option("--subnet", multiple=True, help="Subnet to lie in; by default, all of the default VPC.")
@click.option("--subnet-group", help="Cluster: a subnet group that is there already.")
@click.option("--read-all-buckets", is_flag=True, help="The role gets AmazonS3ReadOnlyAccess, not the lake's alone.")
@click.option("--tag", multiple=True, metavar="KEY=VALUE", help="A tag for everything, beside the platform's own.")
@click.option(
    "--write-env",
    type=click.Path(dir_okay=False, path_type=Path),
    is_flag=False,
    flag_value=Path(".env"),
    help="Write the settings to load into it to this file, .env if none is named.",
)
@_dry
def create(**options: Any) -> None:
    """Make the platform, or what is missing of it, and wait until it is ready."""
    from sparkify_dagster.cli.cluster.creating import CreateOptions, run_create  # noqa: PLC0415 boto3 is slow to import

    show_progress()
    run_create(CreateOptions(**options))


@cluster.command()
@_named
def status(name: str | None) -> None:
    """Show what there is of the platform. The exit code is 0 if it is whole and can be loaded into."""
    from sparkify_dagster.cli.cluster.looking import run_status  # noqa: PLC0415

    sys.exit(run_status(name))


@cluster.command()
@_named
@_dry
def pause(name: str | None, dry_run: bool) -> None:
    """Pause the cluster: its hours cost nothing then, its storage does."""
    from sparkify_dagster.cli.cluster.pausing import run_pause  # noqa: PLC0415

    show_progress()
    run_pause(name, dry_run=dry_run)


@cluster.command()
@_named
@_dry
def resume(name: str | None, dry_run: bool) -> None:
    """Resume a paused cluster."""
    from sparkify_dagster.cli.cluster.pausing import run_resume  # noqa: PLC0415

    show_progress()
    run_resume(name, dry_run=dry_run)


@cluster.command()
@_named
@click.option("--final-snapshot", metavar="NAME", help="Take a snapshot before; it stays, and is billed.")
@click.option("--remove-snapshots", is_flag=True, help="Remove the snapshots that were made for the platform as well.")
@click.option("--serverless", is_flag=True, help="Of Redshift Serverless, where only its snapshots are left.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@_dry
def destroy(yes: bool, **options: Any) -> None:
    """Remove all that `create` made, and nothing else, after asking."""
    from sparkify_dagster.cli.cluster.destroying import DestroyOptions, run_destroy  # noqa: PLC0415

    show_progress()
    run_destroy(DestroyOptions(**options, ask=not yes))


@cluster.command()
@click.argument("command")
@_named
@click.option("--serverless", is_flag=True, help="For Redshift Serverless.")
def policy(command: str, name: str | None, serverless: bool) -> None:
    """Print the IAM policy that COMMAND needs: create, status, pause, resume, destroy or load."""
    from sparkify_dagster.cli.cluster.looking import run_policy  # noqa: PLC0415

    run_policy(command, name, serverless=serverless)
