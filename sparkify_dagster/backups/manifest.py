"""The manifest of a backup: what is in it, from what, and when. It is written last: what has none is no backup.

What belongs here: reading, writing and checking it. What doesn't: the files that it names.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from sparkify_dagster.backups.copying import Copied, digest_of
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.sqlfiles import sql_version
from sparkify_dagster.tables import ALL_TABLES

FORMAT = 1
NAME = "manifest.json"
WAREHOUSE = "warehouse.duckdb"

_SOFTWARE = ("sparkify_dagster", "dagster", "duckdb")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup consists of.

    Attributes:
        made_at: When it was begun, UTC.
        software: The versions of what made it, by name.
        sql_version: A short version of the DDL of all tables.
        rows: Rows by table.
        files: The files, by their path within the backup.
    """

    made_at: datetime
    software: dict[str, str]
    sql_version: str
    rows: dict[str, int]
    files: dict[str, Copied]

    @property
    def holds_dagster(self) -> bool:
        """Whether Dagster's state is in it."""
        return any(name != WAREHOUSE for name in self.files)


def describe(made_at: datetime, rows: dict[str, int], files: dict[str, Copied]) -> Manifest:
    """The manifest of a backup that this version of the software makes."""
    software = {name: version(name) for name in _SOFTWARE}
    return Manifest(made_at, software, sql_version(*(f"tables/{name}" for name in ALL_TABLES)), rows, files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes it into the folder of a backup."""
    content = {"format": FORMAT, **asdict(manifest), "made_at": f"{manifest.made_at:%Y-%m-%dT%H:%M:%SZ}"}
    (folder / NAME).write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Reads that of a backup.

    Raises:
        SparkifyError: The folder is no backup, or one that this version of the software can't read.
    """
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise SparkifyError(
                f"{folder} is a backup of format {content['format']}, and this version reads format {FORMAT}: "
                "restore it with the version that made it."
            )
        return Manifest(
            made_at=datetime.strptime(content["made_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
            software=dict(content["software"]),
            sql_version=str(content["sql_version"]),
            rows=dict(content["rows"]),
            files={_inside(name): Copied(**copied) for name, copied in content["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SparkifyError(
            f"{folder} is no backup, or one that was cut off: it has no {NAME} that can be read. Name another folder."
        ) from error


def check_files(folder: Path, manifest: Manifest) -> None:
    """Checks that the files of a backup are those that were written.

    Raises:
        SparkifyError: One is missing, or is another.
    """
    for name, copied in manifest.files.items():
        try:
            found = digest_of(folder / name)
        except OSError as error:
            raise SparkifyError(f"{folder / name}: {error.strerror}. The backup is not whole; use another.") from error
        if found != copied:
            raise SparkifyError(f"{folder / name} is not what was written (its SHA-256 differs); use another backup.")


def _inside(name: str) -> str:
    """A name that leads to nowhere outside the backup."""
    path = PurePosixPath(name)
    if name != WAREHOUSE and (path.parts[0] != "dagster" or ".." in path.parts):
        raise ValueError(name)
    return name
