"""``sparkify cluster pause`` and ``resume``.

What belongs here: telling what comes of it. What doesn't: pausing and resuming.
"""

from sparkify_dagster.cli.cluster.opening import the_platform
from sparkify_dagster.cli.output import say
from sparkify_dagster.cluster.pausing import needs_change, pause, resume


def run_pause(name: str | None, *, dry_run: bool) -> None:
    """Pauses the cluster."""
    platform = the_platform(name)
    title = platform.warehouse.title
    if dry_run:
        say(f"would pause the {title}" if needs_change(platform, "paused") else f"the {title} is paused already")
        return
    pause(platform)
    say(f"The {title} is paused: from now on, only its storage costs. Loads fail until `sparkify cluster resume`.")


def run_resume(name: str | None, *, dry_run: bool) -> None:
    """Resumes the cluster."""
    platform = the_platform(name)
    title = platform.warehouse.title
    if dry_run:
        say(f"would resume the {title}" if needs_change(platform, "available") else f"the {title} is not paused")
        return
    resume(platform)
    say(f"The {title} is available, and costs by the hour again.")
