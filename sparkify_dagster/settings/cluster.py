"""What ``sparkify cluster`` sets up: the variables that say so, and ``dwh.cfg``'s section DWH, which stands for some.

What belongs here: names, sizes and places of what is to be made, and which of them fit together.
What doesn't: what is only said with a command, such as who may connect (``cluster.wishes``), and making anything.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.lake.keys import LOG_PART, SONG_PART
from sparkify_dagster.settings.platform import read_values
from sparkify_dagster.settings.redshift import DEFAULT_PORT
from sparkify_dagster.settings.values import location

DEFAULT_NAME = "sparkify"
DEFAULT_NODE_TYPE = "ra3.large"
"""The smallest that AWS offers new clusters."""

DEFAULT_BASE_CAPACITY = 8
"""RPUs that a workgroup works with."""

DEFAULT_USAGE_LIMIT = 24
"""RPU-hours that a workgroup may take a day: three hours of work."""

# As a cluster, a workgroup, a namespace and the beginning of a bucket may all be called.
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 25
_NODE_TYPE = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9]+")
_ROLE = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")
_DATABASE = re.compile(r"[a-z_][a-z0-9_]{0,63}")
_USER = re.compile(r"[a-z][a-z0-9_+.@-]{0,127}")
_TYPES = ("single-node", "multi-node")
# https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html, "Port".
_PORTS = (range(5431, 5456), range(8191, 8216))


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What is to be set up.

    Attributes:
        name: What everything is named after.
        node_type: The kind of node, for a cluster.
        nodes: How many of them.
        database: The database that is made.
        user: The administrator's name; the password is made and kept by Secrets Manager.
        port: The port that it listens on.
        role: The name of the IAM role that Redshift reads S3 with.
        lake: The places of the lake on S3 that it may read: ``s3://bucket/prefix``.
        lake_setting: The lake as ``SPARKIFY_LAKE`` says it, None where its parts are named one by one.
        manifests: Where the manifests of COPY go, ``s3://bucket/prefix``; None for a bucket that is made.
    """

    name: str
    node_type: str
    nodes: int
    database: str
    user: str
    port: int
    role: str
    lake: tuple[str, ...]
    lake_setting: str | None
    manifests: str | None


def read_cluster(
    options: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> ClusterSettings:
    """Reads and validates what is to be set up.

    Args:
        options: What was said with the command, by the variable that it stands for; it wins.
        environment: Variables to read; the process's own, over those of a ``.env`` file, where None.
        folder: Folder that relative paths start from; the working directory where None.

    Raises:
        SettingsError: A setting is wrong; the message names it.
    """
    folder = (folder or Path.cwd()).absolute()
    values = {**read_values(environment, folder)[0], **(options or {})}
    name = _name(values)
    return ClusterSettings(
        name=name,
        node_type=_node_type(values),
        nodes=_nodes(values),
        database=_matching(values, "REDSHIFT_DATABASE", "sparkify", _DATABASE, "a-z, 0-9 and _, not a digit in front"),
        user=_matching(values, "REDSHIFT_USER", "sparkify", _USER, "a-z, 0-9 and _+.@-, with a letter in front"),
        port=_port(values),
        role=_matching(values, "SPARKIFY_CLUSTER_ROLE", f"{name}-redshift", _ROLE, "up to 64 of A-Z a-z 0-9 +=,.@_-"),
        lake=_lake(values, folder),
        lake_setting=values.get("SPARKIFY_LAKE") or None,
        manifests=_manifests(values, folder),
    )


def check_creation(settings: ClusterSettings) -> None:
    """Checks what matters only where something is made; what is there may be reached by another port, as by a tunnel.

    Raises:
        SettingsError: There can be no such platform; the message names the setting.
    """
    if not settings.lake:
        _refuse("Redshift loads from S3: set SPARKIFY_LAKE to s3://bucket/prefix.")
    for part in _parts(settings) if settings.manifests else ():
        if f"{settings.manifests}/".startswith(f"{part}/"):
            _refuse(
                f"SPARKIFY_MANIFESTS is {settings.manifests}, inside the lake's own {part}: set it to another place."
            )
    if not any(settings.port in ports for ports in _PORTS):
        _refuse(f"REDSHIFT_PORT is {settings.port}: AWS lets Redshift listen on 5431 to 5455, and on 8191 to 8215.")


def _name(values: Mapping[str, str]) -> str:
    # Whoever names a cluster or workgroup to load into means that one, also when it is to be paused.
    for variable in ("SPARKIFY_CLUSTER", "REDSHIFT_CLUSTER_IDENTIFIER", "REDSHIFT_WORKGROUP"):
        if text := values.get(variable):
            break
    else:
        return DEFAULT_NAME
    # AWS takes capitals for small letters as well: tutorials make a "dwhCluster".
    name = text.lower()
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        _refuse(
            f"{variable} is {text!r}: to set up a platform, it is a name of up to {_LONGEST_NAME} letters, digits and "
            "single hyphens, with a letter in front."
        )
    return name


def _node_type(values: Mapping[str, str]) -> str:
    text = (values.get("SPARKIFY_CLUSTER_NODE_TYPE") or DEFAULT_NODE_TYPE).lower()
    if not _NODE_TYPE.fullmatch(text):
        _refuse(f"SPARKIFY_CLUSTER_NODE_TYPE is {text!r}: it is a kind of node such as {DEFAULT_NODE_TYPE}.")
    return text


def _nodes(values: Mapping[str, str]) -> int:
    kind = values.get("SPARKIFY_CLUSTER_TYPE") or ""
    if kind and kind not in _TYPES:
        _refuse(f"SPARKIFY_CLUSTER_TYPE is {kind!r}: it is single-node or multi-node.")
    text = values.get("SPARKIFY_CLUSTER_NODES") or ("2" if kind == "multi-node" else "1")
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 128):
        _refuse(f"SPARKIFY_CLUSTER_NODES is {text!r}: it is a whole number from 1 to 128.")
    if kind and (kind == "single-node") != (int(text) == 1):
        _refuse(
            f"SPARKIFY_CLUSTER_TYPE is {kind}, and SPARKIFY_CLUSTER_NODES is {text}: the two contradict each other."
        )
    return int(text)


def _port(values: Mapping[str, str]) -> int:
    text = values.get("REDSHIFT_PORT") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65_535):
        _refuse(f"REDSHIFT_PORT is {text!r}: it is a whole number from 1 to 65535.")
    return int(text)


def _lake(values: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """The places of the lake; none where it is not on S3."""
    whole = values.get("SPARKIFY_LAKE") or ""
    if whole.startswith("s3://"):
        location("SPARKIFY_LAKE", whole, folder)
    # The lake's JSONPaths are shown, and read by nobody.
    parts = {name: values.get(name) or whole for name in ("SPARKIFY_LOG_DATA", "SPARKIFY_SONG_DATA")}
    places = {location(name, text, folder) for name, text in parts.items() if text.startswith("s3://")}
    return tuple(sorted(places))


def _parts(settings: ClusterSettings) -> Iterator[str]:
    """Where logs and songs are; elsewhere in the lake others may write."""
    whole = (settings.lake_setting or "").rstrip("/")
    for place in settings.lake:
        yield from (f"{place}/{part}" for part in (LOG_PART, SONG_PART)) if place == whole else (place,)


def _manifests(values: Mapping[str, str], folder: Path) -> str | None:
    text = values.get("SPARKIFY_MANIFESTS")
    if not text:
        return None
    place = location("SPARKIFY_MANIFESTS", text, folder)
    if not place.startswith("s3://") or "/" not in place.removeprefix("s3://"):
        _refuse(f"SPARKIFY_MANIFESTS is {text!r}: it is s3://bucket/prefix.")
    return place


def _matching(values: Mapping[str, str], variable: str, default: str, pattern: re.Pattern[str], made_of: str) -> str:
    text = values.get(variable) or default
    if not pattern.fullmatch(text):
        _refuse(f"{variable} is {text!r}: to set up a platform, it is a name of {made_of}.")
    return text


def _refuse(message: str) -> NoReturn:
    raise SettingsError(message)
