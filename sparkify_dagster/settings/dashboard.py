"""Where the dashboard goes, and where people reach it.

What belongs here: these two variables. What doesn't: writing the file (``dashboard``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings.values import location

_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/[A-Za-z0-9._~/%-]*[A-Za-z0-9._~%-]")


@dataclass(frozen=True, slots=True)
class DashboardSettings:
    """Where the dashboard is. Reports of single months lie beside it, in the folder ``reports``.

    Attributes:
        place: The file: an absolute path, or ``s3://bucket/key``.
        url: Where people reach it with a browser; None where nothing serves it.
    """

    place: str
    url: str | None

    def report(self, month: str) -> "DashboardSettings":
        """Where the report of a month ("YYYY-MM") is."""
        return DashboardSettings(_beside(self.place, month), _beside(self.url, month) if self.url else None)


def read_dashboard(values: Mapping[str, str], folder: Path, default: str) -> DashboardSettings:
    """Reads and validates where the dashboard goes.

    Args:
        values: The variables.
        folder: The folder that relative paths start from.
        default: The file, below that folder, where none is named.

    Raises:
        SettingsError: A setting is wrong; the message names it.
    """
    place = dashboard_place(values.get("SPARKIFY_DASHBOARD") or default, folder)
    url = values.get("SPARKIFY_DASHBOARD_URL") or None
    if url and not _URL.fullmatch(url):
        # Not repeated: an address may hold a password.
        raise SettingsError(
            "SPARKIFY_DASHBOARD_URL is no address of a file: it is like https://example.org/sparkify/dashboard.html."
        )
    return DashboardSettings(place, url)


def dashboard_place(text: str, folder: Path, name: str = "SPARKIFY_DASHBOARD") -> str:
    """A place for the dashboard, in the form that ``DashboardSettings`` has.

    Args:
        text: A path, or ``s3://bucket/key``.
        folder: The folder that relative paths start from.
        name: What names the place, for the error.

    Raises:
        SettingsError: It names no file.
    """
    place = location(name, text, folder)
    if text.endswith("/") or (place.startswith("s3://") and "/" not in place.removeprefix("s3://")):
        raise SettingsError(
            f"{name} names no file: write a path such as dashboard.html, or s3://bucket/dashboard.html."
        )
    return place


def _beside(place: str, month: str) -> str:
    folder, _, _ = place.rpartition("/")
    return f"{folder}/reports/{month}.html"
