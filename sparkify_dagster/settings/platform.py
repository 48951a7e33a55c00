"""The settings of the platform as a whole, and where their values come from.

What belongs here: the lake, Dagster, loading, which warehouse; and what wins over what: the environment over ``.env``,
and both over ``dwh.cfg``.
What doesn't: what only Redshift needs (``redshift``), who is told (``alerts``), where the dashboard goes
(``dashboard``), and how ``dwh.cfg`` is read.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.settings.alerts import AlertSettings, read_alerts
from sparkify_dagster.settings.dashboard import DashboardSettings, read_dashboard
from sparkify_dagster.settings.dwh_cfg import read_dwh_cfg
from sparkify_dagster.settings.redshift import RedshiftSettings, read_redshift
from sparkify_dagster.settings.values import location, month, number, size

WarehouseKind = Literal["duckdb", "redshift"]

STATE_FOLDER = ".sparkify"
"""Folder, below the working directory, where everything lives that no setting places elsewhere."""

_LAKE_PARTS = ("SPARKIFY_LOG_DATA", "SPARKIFY_SONG_DATA", "SPARKIFY_LOG_JSONPATHS")
_QUEUE = re.compile(r"https?://(?:[A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9_.-]+)+")
_AWS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    Attributes:
        lake: Where the lake is, for people: a folder or ``s3://bucket/prefix``.
        log_data: Where the lake's logs are: a folder or ``s3://bucket/prefix``.
        song_data: Where the lake's songs are.
        log_jsonpaths: Where the JSONPaths file of the logs is.
        warehouse: The kind of warehouse.
        duckdb_path: DuckDB's file.
        memory_limit: The most memory that DuckDB takes before it uses the disk, such as "1GB"; None for its own choice.
        redshift: What Redshift needs; None where the warehouse is another.
        dwh_cfg: The file ``dwh.cfg`` that values were read from, or None.
        events_queue: URL of the SQS queue that announces what comes into the lake, or None.
        alerts: Who is told when something goes wrong.
        dashboard: Where the dashboard goes, and where people reach it.
        first_month: First log month ("YYYY-MM"), or None for the first month that the lake holds.
        max_rejected: Largest share of rejected records, from 0 to 1, with which a file still loads.
        lock_wait: Seconds to wait for a warehouse that another process holds.
        dagster_home: Dagster's instance folder.
        manages_dagster_home: Whether that folder is the platform's own, not one that the user named.
    """

    lake: str
    log_data: str
    song_data: str
    log_jsonpaths: str
    warehouse: WarehouseKind
    duckdb_path: Path
    memory_limit: str | None
    redshift: RedshiftSettings | None
    dwh_cfg: Path | None
    events_queue: str | None
    alerts: AlertSettings
    dashboard: DashboardSettings
    first_month: str | None
    max_rejected: float
    lock_wait: float
    dagster_home: Path
    manages_dagster_home: bool


def read_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Reads and validates the settings.

    Args:
        environment: Variables to read; the process's own, over those of a ``.env`` file, where None.
        folder: Folder that relative paths start from; the working directory where None.

    Raises:
        SettingsError: A setting is wrong; the message names it.
    """
    folder = (folder or Path.cwd()).absolute()
    values, dwh_cfg = read_values(environment, folder)
    lake = _lake(values, folder)
    log_data = _part(values, "SPARKIFY_LOG_DATA", lake, LOG_PART, folder)
    song_data = _part(values, "SPARKIFY_SONG_DATA", lake, SONG_PART, folder)
    log_jsonpaths = _part(values, "SPARKIFY_LOG_JSONPATHS", lake, "log_json_path.json", folder)
    warehouse = _warehouse(values.get("SPARKIFY_WAREHOUSE") or "duckdb")
    home = values.get("DAGSTER_HOME")
    return Settings(
        lake=lake,
        log_data=log_data,
        song_data=song_data,
        log_jsonpaths=log_jsonpaths,
        warehouse=warehouse,
        duckdb_path=folder / (values.get("SPARKIFY_DUCKDB_PATH") or f"{STATE_FOLDER}/warehouse.duckdb"),
        memory_limit=size(values, "SPARKIFY_MEMORY_LIMIT"),
        redshift=read_redshift(values, log_data, song_data, log_jsonpaths) if warehouse == "redshift" else None,
        dwh_cfg=dwh_cfg,
        events_queue=_events_queue(values, log_data),
        alerts=read_alerts(values),
        dashboard=read_dashboard(values, folder, f"{STATE_FOLDER}/dashboard.html"),
        first_month=month(values, "SPARKIFY_FIRST_MONTH"),
        max_rejected=number(values, "SPARKIFY_MAX_REJECTED", 0.01, largest=1.0),
        lock_wait=number(values, "SPARKIFY_LOCK_WAIT", 600.0),
        dagster_home=folder / (home or f"{STATE_FOLDER}/dagster"),
        manages_dagster_home=not home,
    )


def read_values(environment: Mapping[str, str] | None, folder: Path) -> tuple[Mapping[str, str], Path | None]:
    """Gives the variables as they count, not validated, and the ``dwh.cfg`` that some of them come from.

    Args:
        environment: Variables to read; the process's own, over those of a ``.env`` file, where None.
        folder: Folder that relative paths start from.

    Raises:
        SettingsError: ``SPARKIFY_DWH_CFG`` names a file that can't be read.
    """
    given = _environment(folder) if environment is None else environment
    dwh_cfg = _dwh_cfg(given, folder)
    return (_layered(read_dwh_cfg(dwh_cfg), given) if dwh_cfg else given), dwh_cfg


def load_environment_file(folder: Path | None = None) -> None:
    """Puts variables of ``.env``, and AWS's of ``dwh.cfg``, into the environment, for libraries that read it.

    What is there stays as it is. Keys of AWS are taken from ``dwh.cfg`` all or not at all: mixed with others they fit
    no lock, and they would win over a profile that the environment names.

    Raises:
        SettingsError: ``SPARKIFY_DWH_CFG`` names a file that can't be read.
    """
    folder = (folder or Path.cwd()).absolute()
    for name, value in dotenv_values(folder / ".env").items():
        if value is not None:
            os.environ.setdefault(name, value)
    dwh_cfg = _dwh_cfg(os.environ, folder)
    if dwh_cfg is None:
        return
    has_keys = any(os.environ.get(name) for name in (*_AWS_KEYS, "AWS_PROFILE"))
    for name, value in read_dwh_cfg(dwh_cfg).items():
        if name.startswith("AWS_") and not (name in _AWS_KEYS and has_keys) and not os.environ.get(name):
            os.environ[name] = value


def _environment(folder: Path) -> Mapping[str, str]:
    written = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    return {**written, **os.environ}


def _dwh_cfg(values: Mapping[str, str], folder: Path) -> Path | None:
    name = values.get("SPARKIFY_DWH_CFG")
    return folder / Path(name).expanduser() if name else None


def _layered(written: dict[str, str], given: Mapping[str, str]) -> Mapping[str, str]:
    """What is given wins over what is written in the file, and over what there would contradict it."""
    given = {name: value for name, value in given.items() if value}
    outdone: list[str] = []
    if "SPARKIFY_LAKE" in given:
        outdone += _LAKE_PARTS
    if "REDSHIFT_WORKGROUP" in given:
        outdone.append("REDSHIFT_CLUSTER_IDENTIFIER")
    return {**{name: value for name, value in written.items() if name not in outdone}, **given}


def _lake(values: Mapping[str, str], folder: Path) -> str:
    if text := values.get("SPARKIFY_LAKE"):
        return location("SPARKIFY_LAKE", text, folder)
    logs, songs = values.get("SPARKIFY_LOG_DATA"), values.get("SPARKIFY_SONG_DATA")
    if logs and songs:
        return _common(location("SPARKIFY_LOG_DATA", logs, folder), location("SPARKIFY_SONG_DATA", songs, folder))
    return str(folder / STATE_FOLDER / "lake")


def _common(logs: str, songs: str) -> str:
    """The place that holds both parts of the lake, or that of the logs where nothing less than a disk does."""
    pairs = zip(logs.split("/"), songs.split("/"), strict=False)
    shared = [log for log, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    # Before the bucket of "s3://bucket/…" come "s3:" and "", before the folder of "/folder/…" comes "".
    nothing = 2 if logs.startswith("s3://") else 1
    return "/".join(shared) if len(shared) > nothing else logs


def _part(values: Mapping[str, str], name: str, lake: str, part: str, folder: Path) -> str:
    text = values.get(name)
    return location(name, text, folder) if text else f"{lake}/{part}"


def _events_queue(values: Mapping[str, str], log_data: str) -> str | None:
    url = values.get("SPARKIFY_EVENTS_QUEUE")
    if not url:
        return None
    if not _QUEUE.fullmatch(url):
        # Not repeated: an address may hold a password.
        raise SettingsError(
            "SPARKIFY_EVENTS_QUEUE is no queue's URL: it is like https://sqs.eu-west-1.amazonaws.com/123456789012/name."
        )
    if not log_data.startswith("s3://"):
        raise SettingsError("SPARKIFY_EVENTS_QUEUE announces files of S3, and the logs lie in a folder: unset it.")
    return url


def _warehouse(text: str) -> WarehouseKind:
    if text == "duckdb" or text == "redshift":  # noqa: PLR1714 a set would tell the type checker nothing
        return text
    raise SettingsError(f"SPARKIFY_WAREHOUSE is {text!r}: it is duckdb or redshift.")
