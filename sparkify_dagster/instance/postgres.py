"""Dagster's state in PostgreSQL, which may be away for some minutes: it is restarted, or another one takes its place.

Dagster gives up after a quarter of a minute. A run fails then, and worse: the part of a code server that notices when a
run's process has ended ends itself, and the run is "started" for hours, in the only slot.

What belongs here: waiting until PostgreSQL lets one in. What doesn't: what is in it, which is Dagster's affair.
"""

import logging
import time
from typing import Any

from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import Engine, event

_log = logging.getLogger(__name__)

SECONDS_TO_WAIT = 100.0
"""How long one attempt to connect waits. Dagster makes six, and so waits for ten minutes."""

_SECONDS_BETWEEN = 0.5
_NOT_NOW = "the database system is"
"""What a PostgreSQL says that is there and lets nobody in: it is starting up, shutting down, in recovery mode."""


class PatientPostgresStorage(DagsterPostgresStorage):
    """Dagster's storage in PostgreSQL, in whose processes every connection to a PostgreSQL is waited for."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> DagsterPostgresStorage:
        """Makes it of what dagster.yaml says."""
        if not event.contains(Engine, "do_connect", _connect):
            event.listen(Engine, "do_connect", _connect)
        return super().from_config_value(inst_data, config_value)


def _connect(dialect: Any, record: object, words: list[Any], settings: dict[str, Any]) -> Any:
    """Connects in SQLAlchemy's place; None where that is none of this module's affair."""
    if dialect.name != "postgresql":
        return None
    until, told = time.monotonic() + SECONDS_TO_WAIT, False
    while True:
        try:
            return dialect.connect(*words, **settings)
        except dialect.dbapi.OperationalError as error:
            if time.monotonic() > until or not _is_away(str(error)):
                raise
            if not told:
                _log.warning("PostgreSQL can't be reached, and is waited for: %s", str(error).strip())
                told = True
        time.sleep(_SECONDS_BETWEEN)


def _is_away(said: str) -> bool:
    """Whether it makes sense to wait, as it doesn't for another password."""
    return "FATAL" not in said or _NOT_NOW in said
