"""The settings, read from the environment and validated in this one place.

What belongs here: every environment variable that the platform understands, its default and its check.
What doesn't: anything that acts on a setting, such as opening the lake or the warehouse.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART, check_month

WarehouseKind = Literal["duckdb"]

STATE_FOLDER = ".sparkify"
"""Folder, below the working directory, where everything lives that no setting places elsewhere."""


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
    values = _environment(folder) if environment is None else environment
    lake = _location(values.get("SPARKIFY_LAKE") or f"{STATE_FOLDER}/lake", folder)
    home = values.get("DAGSTER_HOME")
    return Settings(
        lake=lake,
        log_data=_part(values, "SPARKIFY_LOG_DATA", lake, LOG_PART, folder),
        song_data=_part(values, "SPARKIFY_SONG_DATA", lake, SONG_PART, folder),
        log_jsonpaths=_part(values, "SPARKIFY_LOG_JSONPATHS", lake, "log_json_path.json", folder),
        warehouse=_warehouse(values.get("SPARKIFY_WAREHOUSE") or "duckdb"),
        duckdb_path=folder / (values.get("SPARKIFY_DUCKDB_PATH") or f"{STATE_FOLDER}/warehouse.duckdb"),
        first_month=_month(values, "SPARKIFY_FIRST_MONTH"),
        max_rejected=_number(values, "SPARKIFY_MAX_REJECTED", 0.01, largest=1.0),
        lock_wait=_number(values, "SPARKIFY_LOCK_WAIT", 600.0, largest=86_400.0),
        dagster_home=folder / (home or f"{STATE_FOLDER}/dagster"),
        manages_dagster_home=not home,
    )


def load_environment_file(folder: Path | None = None) -> None:
    """Puts the variables of a ``.env`` file into the environment, where it has none, for libraries that read it."""
    for name, value in dotenv_values((folder or Path.cwd()) / ".env").items():
        if value is not None:
            os.environ.setdefault(name, value)


def _environment(folder: Path) -> Mapping[str, str]:
    written = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    return {**written, **os.environ}


def _location(text: str, folder: Path) -> str:
    if text.startswith("s3://"):
        if len(text.rstrip("/")) <= len("s3://"):
            raise SettingsError("SPARKIFY_LAKE names no bucket: write s3://bucket or s3://bucket/prefix.")
        return text.rstrip("/")
    if "://" in text:
        raise SettingsError(f"The lake {text!r} is neither a folder nor s3://bucket/prefix: mend SPARKIFY_LAKE.")
    return str(folder / Path(text).expanduser())


def _part(values: Mapping[str, str], name: str, lake: str, part: str, folder: Path) -> str:
    text = values.get(name)
    return _location(text, folder) if text else f"{lake}/{part}"


def _warehouse(text: str) -> WarehouseKind:
    if text == "duckdb":
        return "duckdb"
    raise SettingsError(f"SPARKIFY_WAREHOUSE is {text!r}: this version knows duckdb only.")


def _month(values: Mapping[str, str], name: str) -> str | None:
    text = values.get(name)
    if not text:
        return None
    try:
        return check_month(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}: it is a month such as 2018-11.") from None


def _number(values: Mapping[str, str], name: str, default: float, *, largest: float) -> float:
    text = values.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= largest:
        raise SettingsError(f"{name} is {text!r}: it is a number from 0 to {largest:g}.")
    return number
