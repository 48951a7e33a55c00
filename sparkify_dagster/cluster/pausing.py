"""Pausing and resuming a platform's warehouse.

What belongs here: when that can be done, and waiting for it. What doesn't: what pauses of itself (``serverless``).
"""

import logging
from typing import Literal

from sparkify_dagster.cluster.platform import Platform
from sparkify_dagster.errors import SparkifyError

_log = logging.getLogger(__name__)


Wanted = Literal["paused", "available"]
"""What state a warehouse is to be in."""

_ON_THE_WAY = {"paused": {"paused", "pausing"}, "available": {"available", "resuming", "creating"}}


def needs_change(platform: Platform, wanted: Wanted) -> bool:
    """Whether the warehouse has to be paused or resumed.

    Raises:
        SparkifyError: It is not there, not the platform's own, or in a state in which it can be neither.
    """
    warehouse = platform.warehouse
    found = warehouse.look()
    if found is None:
        raise SparkifyError(
            f"there is no {warehouse.title} in {platform.owner.account.region}: `sparkify cluster create` makes it."
        )
    if not found.belongs_to(platform.owner.name):
        raise SparkifyError(f"the {warehouse.title} was not made by this command: pause or resume it where it was.")
    warehouse.check_pauses()
    if found.state in _ON_THE_WAY[wanted]:
        return False
    if found.changing:
        raise SparkifyError(f"the {warehouse.title} is {found.state}: try again when that is done.")
    return True


def bring(platform: Platform, wanted: Wanted) -> None:
    """Pauses or resumes the warehouse, and waits until that is done.

    Raises:
        SparkifyError: It can't be, or another state came of it.
    """
    warehouse = platform.warehouse
    if needs_change(platform, wanted):
        if wanted == "paused":
            warehouse.pause()
        else:
            warehouse.resume()
    platform.owner.patience.wait(warehouse.title, warehouse.ready)
    found = warehouse.look()
    if found is None or found.state != wanted:
        raise SparkifyError(
            f"the {warehouse.title} is {found.state if found else 'gone'}, not {wanted}: look at it in the console of "
            "AWS, and try again."
        )
    _log.info("the %s is %s", warehouse.title, wanted)
