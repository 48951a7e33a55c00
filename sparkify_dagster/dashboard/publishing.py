"""Makes the dashboard, or the report of a month, and puts it where it belongs.

What belongs here: the order of it, and titles. What doesn't: reading, drawing, and writing themselves.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sparkify_dagster.aws.clients import s3_client
from sparkify_dagster.dashboard.figures import Figures, read_figures
from sparkify_dagster.dashboard.places import put_page
from sparkify_dagster.partitions.months import first_day
from sparkify_dagster.settings import DashboardSettings
from sparkify_dagster.warehouse import Warehouse

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """A page that was written.

    Attributes:
        place: Where it is: a path, or ``s3://bucket/key``.
        url: Where people reach it; None where nothing serves it.
        size: Its size in bytes.
        figures: What it shows.
    """

    place: str
    url: str | None
    size: int
    figures: Figures


def publish(
    warehouse: Warehouse,
    destination: DashboardSettings,
    month: str | None = None,
    client_factory: Callable[[], Any] = s3_client,
) -> Published:
    """Makes a page of what the analytics tables hold, and puts it where it belongs.

    Args:
        warehouse: The warehouse.
        destination: Where the dashboard goes; a report goes beside it.
        month: The log month ("YYYY-MM") of a report, which has the month before it for comparison; None for the
            dashboard, of all months.
        client_factory: Makes a boto3 client for S3, where the page goes there.

    Raises:
        NoPlays: There is nothing to show.
        SparkifyError: It can't be written.
    """
    from sparkify_dagster.dashboard.page import make_page  # noqa: PLC0415 Altair takes half a second to import

    if month is None:
        place, title, chosen = destination, "Sparkify: what is played", None
        figures = read_figures(warehouse)
    else:
        place, title, chosen = destination.report(month), f"Sparkify in {first_day(month):%B %Y}", (month, month)
        figures = read_figures(warehouse, (_month_before(month), month), must_have=month)
    _log.info("writing %s", place.place)
    size = put_page(place.place, make_page(figures, title, chosen), client_factory)
    return Published(place.place, place.url, size, figures)


def _month_before(month: str) -> str:
    day = first_day(month)
    before = date(day.year - 1, 12, 1) if day.month == 1 else day.replace(month=day.month - 1)
    return f"{before:%Y-%m}"
