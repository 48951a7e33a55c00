"""``sparkify cluster pause`` and ``resume``.

What belongs here: telling what comes of it. What doesn't: pausing and resuming.
"""

from sparkify_dagster.cli.cluster.opening import the_platform
from sparkify_dagster.cli.output import say
from sparkify_dagster.cluster.pausing import Wanted, bring, needs_change


def run_pause(name: str | None, *, dry_run: bool) -> None:
    """Pauses the cluster."""
    then = "is paused: from now on, only its storage costs. Loads fail until `sparkify cluster resume`."
    _bring(name, "paused", dry_run=dry_run, verb="pause", already="is paused already", then=then)


def run_resume(name: str | None, *, dry_run: bool) -> None:
    """Resumes the cluster."""
    then = "is available, and costs by the hour again."
    _bring(name, "available", dry_run=dry_run, verb="resume", already="is not paused", then=then)


def _bring(name: str | None, wanted: Wanted, *, dry_run: bool, verb: str, already: str, then: str) -> None:
    platform = the_platform(name)
    title = platform.warehouse.title
    if dry_run:
        say(f"would {verb} the {title}" if needs_change(platform, wanted) else f"the {title} {already}")
        return
    bring(platform, wanted)
    say(f"The {title} {then}")
