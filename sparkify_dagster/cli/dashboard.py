"""``sparkify dashboard``: brings analytics up to date, and writes the dashboard.

What belongs here: where it goes, and telling so. What doesn't: what is on it (``sparkify_dagster.dashboard``).
"""

import webbrowser
from pathlib import Path

from sparkify_dagster.cli.analytics import bring_up_to_date
from sparkify_dagster.cli.opening import warehouse_of
from sparkify_dagster.cli.output import counted, say
from sparkify_dagster.dashboard.publishing import Published, publish
from sparkify_dagster.settings import DashboardSettings, Settings
from sparkify_dagster.settings.dashboard import dashboard_place


def write_dashboard(settings: Settings, output: str | None, *, opened: bool) -> int:
    """Writes the dashboard, and says where it is.

    Args:
        settings: The settings.
        output: Where it goes, in place of where the settings say: a path or ``s3://bucket/key``.
        opened: Whether to open it in the browser.

    Returns:
        The exit code: not 0 where bringing analytics up to date failed; what is there is shown all the same.

    Raises:
        SparkifyError: Nothing is loaded, or the file can't be written.
    """
    destination = settings.dashboard
    if output is not None:
        # What is served at the address of the settings is another file.
        destination = DashboardSettings(dashboard_place(output, Path.cwd(), "--output"), None)
    code = bring_up_to_date(settings)
    warehouse = warehouse_of(settings, read_only=True)
    try:
        written = publish(warehouse, destination)
    finally:
        warehouse.close()
    months = written.figures.months
    held = f"{counted(len(months), 'month')}, {months[0]} to {months[-1]}, {written.size / 1e6:.1f} MB"
    say(f"Wrote {written.place}: {held}.")
    if written.url:
        say(f"People reach it at {written.url}")
    if opened:
        _open(written)
    return code


def _open(written: Published) -> None:
    address = written.url or ("" if written.place.startswith("s3://") else Path(written.place).as_uri())
    if not address:
        say("It is not opened: SPARKIFY_DASHBOARD_URL does not say where a browser finds what is on S3.")
    elif not webbrowser.open(address):
        say("No browser could be started here.")
