"""``sparkify backup`` and ``sparkify restore``, of the embedded platform.

What belongs here: asking and telling, and what to do on Redshift instead. What doesn't: backups themselves.
"""

import re
from pathlib import Path

import click

from sparkify_dagster.backups import Manifest, back_up, read_manifest, restore
from sparkify_dagster.backups.holders import refuse_while_in_use
from sparkify_dagster.backups.manifest import check_files
from sparkify_dagster.backups.state import kept_elsewhere
from sparkify_dagster.cli.output import counted, say, warn
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings import RedshiftSettings, Settings

_ADDRESS = re.compile(r"[a-z0-9]+:/")


def make_backup(settings: Settings, destination: Path) -> None:
    """Writes a backup, and tells what is in it."""
    _refuse_redshift(settings.redshift)
    if _ADDRESS.match(str(destination)):
        raise SparkifyError(f"{destination} is no folder: back up into a folder, and copy it there afterwards.")
    manifest = back_up(settings, destination.absolute())
    say(f"backed up {_contents(manifest)} into {destination}")
    _tell_what_is_elsewhere(settings)


def restore_backup(settings: Settings, source: Path, *, ask: bool) -> None:
    """Puts a backup back, after asking, and tells where the former files are."""
    _refuse_redshift(settings.redshift)
    source = source.absolute()
    manifest = read_manifest(source)
    check_files(source, manifest)
    refuse_while_in_use(settings.dagster_home)
    if ask:
        click.confirm(
            f"Replace {settings.duckdb_path} by {_contents(manifest)}, as of {manifest.made_at:%Y-%m-%d %H:%M} UTC?",
            abort=True,
        )
    restored = restore(settings, source, manifest)
    say(f"restored {_contents(manifest)}, as of {manifest.made_at:%Y-%m-%d %H:%M} UTC")
    for path in restored.former:
        say(f"  the former is now {path}")
    if not restored.dagster:
        _tell_what_is_elsewhere(settings)
    say("Run `sparkify load`, which takes up what came since.")


def _contents(manifest: Manifest) -> str:
    rows = counted(sum(manifest.rows.values()), "row")
    size = sum(copied.bytes for copied in manifest.files.values()) / 1e6
    state = " and Dagster's state" if manifest.holds_dagster else ""
    return f"{rows} of {counted(len(manifest.rows), 'table')}{state} ({size:,.1f} MB)"


def _tell_what_is_elsewhere(settings: Settings) -> None:
    if place := kept_elsewhere(settings.dagster_home):
        how = "pg_dump backs it up" if place == "PostgreSQL" else "it needs a backup of its own"
        warn(f"Dagster's state is in {place}, and not part of this: {how}.")


def _refuse_redshift(redshift: RedshiftSettings | None) -> None:
    if redshift is None:
        return
    if redshift.workgroup:
        how = (
            "Serverless keeps recovery points of the last 24 hours, and `aws redshift-serverless create-snapshot "
            "--namespace-name … --snapshot-name …` makes a snapshot that lasts"
        )
    else:
        cluster = redshift.cluster_identifier or "…"
        how = (
            f"`aws redshift create-cluster-snapshot --cluster-identifier {cluster} --snapshot-identifier …` makes one, "
            "and `aws redshift restore-from-cluster-snapshot` makes a cluster of it"
        )
    raise SparkifyError(f"Redshift is backed up by snapshots, not by this command: {how}; see docs/operations.md.")
