"""What Redshift needs, and which way of logging in follows from what is set.

What belongs here: the variables ``REDSHIFT_*`` and ``SPARKIFY_MANIFESTS``, and what of them fits together.
What doesn't: logging in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from sparkify_dagster.errors import SettingsError
from sparkify_dagster.settings.values import Secret, location, number

LoginKind = Literal["secret", "password", "workgroup", "cluster"]

DEFAULT_PORT = 5439

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,126}")
_ROLE = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=.@/-]+"
_ROLES = re.compile(rf"default|{_ROLE}(?:,{_ROLE})*")
_SECRET_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+")
_CLUSTER = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_WORKGROUP = re.compile(r"[a-z0-9-]{3,64}")
_SSLMODES = ("verify-ca", "verify-full")


@dataclass(frozen=True, slots=True)
class RedshiftSettings:
    """Where Redshift is, how to log in, and what its loads go through.

    Attributes:
        host: Its name; None where the secret holds it, or the cluster or workgroup is to be asked for it.
        port: Its port; where the host is not set and this is the default, that host's own counts.
        database: The database; "" where the secret holds it.
        user: The user; None where the secret or IAM decides.
        password: The password, for logging in by password.
        schema: The schema of all tables.
        iam_role_arn: The role that COPY reads S3 with: "default", an ARN, or several joined by commas.
        cluster_identifier: The cluster, for logging in by IAM or for asking where it is.
        workgroup: The same for Redshift Serverless.
        secret_arn: The secret of Secrets Manager that holds user and password.
        sslmode: "verify-ca", or "verify-full", which checks the host's name as well.
        manifests: Where the manifests of COPY are written: ``s3://bucket/prefix``.
        statement_timeout: Seconds after which Redshift gives a statement up; 0 for never.
        connect_timeout: Seconds that one attempt to connect may take.
    """

    host: str | None
    port: int
    database: str
    user: str | None
    password: Secret | None
    schema: str
    iam_role_arn: str
    cluster_identifier: str | None
    workgroup: str | None
    secret_arn: str | None
    sslmode: str
    manifests: str
    statement_timeout: float
    connect_timeout: float

    @property
    def login(self) -> LoginKind:
        """The way of logging in that follows from what is set."""
        if self.secret_arn:
            return "secret"
        if self.password:
            return "password"
        return "workgroup" if self.workgroup else "cluster"


def read_redshift(values: Mapping[str, str], log_data: str, song_data: str, log_jsonpaths: str) -> RedshiftSettings:
    """Reads and validates what Redshift needs.

    Args:
        values: The variables.
        log_data: Where the lake's logs are.
        song_data: Where its songs are.
        log_jsonpaths: Where the JSONPaths file of the logs is.

    Raises:
        SettingsError: A setting is missing, wrong, or contradicts another; the message names it.
    """
    _check_lake(log_data, song_data, log_jsonpaths)
    _check_login(values)
    password = values.get("REDSHIFT_PASSWORD")
    return RedshiftSettings(
        host=_host(values),
        port=_port(values),
        database=_database(values),
        user=values.get("REDSHIFT_USER") or None,
        password=Secret(password) if password else None,
        schema=_schema(values),
        iam_role_arn=_iam_role(values),
        cluster_identifier=_cluster(values),
        workgroup=_workgroup(values),
        secret_arn=_secret_arn(values),
        sslmode=_sslmode(values),
        manifests=_manifests(values, log_data, song_data),
        statement_timeout=number(values, "REDSHIFT_STATEMENT_TIMEOUT", 3600.0),
        connect_timeout=number(values, "REDSHIFT_CONNECT_TIMEOUT", 30.0, smallest=1.0, largest=600.0),
    )


def _check_lake(log_data: str, song_data: str, log_jsonpaths: str) -> None:
    # A lake half in S3 is no lake for any warehouse, and refused where it is opened.
    if not any(place.startswith("s3://") for place in (log_data, song_data)):
        _refuse("SPARKIFY_WAREHOUSE=redshift loads from S3: set SPARKIFY_LAKE to s3://bucket/prefix.")
    if log_data.startswith("s3://") and not log_jsonpaths.startswith("s3://"):
        _refuse(f"SPARKIFY_LOG_JSONPATHS is {log_jsonpaths!r}: Redshift reads it from S3: write s3://bucket/key.")


def _check_login(values: Mapping[str, str]) -> None:
    def missing(*names: str) -> str:
        return " and ".join(name for name in names if not values.get(name))

    if values.get("REDSHIFT_WORKGROUP") and values.get("REDSHIFT_CLUSTER_IDENTIFIER"):
        _refuse("REDSHIFT_WORKGROUP (serverless) and REDSHIFT_CLUSTER_IDENTIFIER exclude each other: unset one.")
    if values.get("REDSHIFT_SECRET_ARN"):
        return
    if values.get("REDSHIFT_PASSWORD"):
        if lacking := missing("REDSHIFT_HOST", "REDSHIFT_USER"):
            _refuse(f"REDSHIFT_PASSWORD alone is no login: set {lacking}.")
    elif values.get("REDSHIFT_CLUSTER_IDENTIFIER"):
        if missing("REDSHIFT_USER"):
            _refuse("REDSHIFT_CLUSTER_IDENTIFIER logs in by IAM as a user of the database: set REDSHIFT_USER.")
    elif not values.get("REDSHIFT_WORKGROUP"):
        _refuse(
            "SPARKIFY_WAREHOUSE=redshift has no way to log in: set REDSHIFT_PASSWORD (with REDSHIFT_HOST and "
            "REDSHIFT_USER), REDSHIFT_SECRET_ARN, REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER_IDENTIFIER."
        )


def _host(values: Mapping[str, str]) -> str | None:
    host = values.get("REDSHIFT_HOST")
    if host and not _HOST.fullmatch(host):
        # Not repeated: what is pasted here may be an address with a password in it.
        _refuse("REDSHIFT_HOST is no host's name: leave out what comes before and after it (jdbc:, port, database).")
    return host or None


def _port(values: Mapping[str, str]) -> int:
    text = values.get("REDSHIFT_PORT") or str(DEFAULT_PORT)
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65_535:
        _refuse(f"REDSHIFT_PORT is {text!r}: it is a whole number from 1 to 65535.")
    return int(text)


def _database(values: Mapping[str, str]) -> str:
    database = values.get("REDSHIFT_DATABASE")
    if not database and not values.get("REDSHIFT_SECRET_ARN"):
        _refuse("SPARKIFY_WAREHOUSE=redshift needs a database: set REDSHIFT_DATABASE.")
    return database or ""


def _schema(values: Mapping[str, str]) -> str:
    schema = values.get("REDSHIFT_SCHEMA") or "public"
    if not _SCHEMA.fullmatch(schema):
        _refuse(f"REDSHIFT_SCHEMA is {schema!r}: it is a plain name of a-z, 0-9 and _, not with a digit in front.")
    return schema


def _iam_role(values: Mapping[str, str]) -> str:
    roles = values.get("REDSHIFT_IAM_ROLE_ARN")
    if not roles:
        _refuse(
            "SPARKIFY_WAREHOUSE=redshift needs the role that COPY reads S3 with: set REDSHIFT_IAM_ROLE_ARN to its ARN, "
            "or to default."
        )
    if not _ROLES.fullmatch(roles):
        _refuse(
            f"REDSHIFT_IAM_ROLE_ARN is {roles!r}: it is default, or arn:aws:iam::<account>:role/<name>; chained roles "
            "have commas between them, and no spaces."
        )
    return roles


def _cluster(values: Mapping[str, str]) -> str | None:
    # AWS takes capitals for small letters as well: tutorials make a "dwhCluster".
    cluster = (values.get("REDSHIFT_CLUSTER_IDENTIFIER") or "").lower()
    if cluster and not _CLUSTER.fullmatch(cluster):
        _refuse(f"REDSHIFT_CLUSTER_IDENTIFIER is {cluster!r}: it is a name of letters, digits and hyphens.")
    return cluster or None


def _workgroup(values: Mapping[str, str]) -> str | None:
    workgroup = values.get("REDSHIFT_WORKGROUP")
    if workgroup and not _WORKGROUP.fullmatch(workgroup):
        _refuse(f"REDSHIFT_WORKGROUP is {workgroup!r}: it is a name of 3 to 64 small letters, digits and hyphens.")
    return workgroup or None


def _secret_arn(values: Mapping[str, str]) -> str | None:
    arn = values.get("REDSHIFT_SECRET_ARN")
    if arn and not _SECRET_ARN.fullmatch(arn):
        # Not repeated: what is pasted here may be the secret itself.
        _refuse("REDSHIFT_SECRET_ARN is not the ARN of a secret: it begins with arn:aws:secretsmanager: and names one.")
    return arn or None


def _sslmode(values: Mapping[str, str]) -> str:
    mode = values.get("REDSHIFT_SSLMODE") or "verify-ca"
    if mode not in _SSLMODES:
        _refuse(f"REDSHIFT_SSLMODE is {mode!r}: it is verify-ca or verify-full; nothing weaker is taken.")
    return mode


def _manifests(values: Mapping[str, str], log_data: str, song_data: str) -> str:
    text = values.get("SPARKIFY_MANIFESTS")
    if not text:
        _refuse(
            "SPARKIFY_WAREHOUSE=redshift writes manifests for COPY: set SPARKIFY_MANIFESTS to an s3://bucket/prefix of "
            "your own, in the lake's region."
        )
    if not text.startswith("s3://"):
        _refuse(f"SPARKIFY_MANIFESTS is {text!r}: it is s3://bucket/prefix.")
    manifests = location("SPARKIFY_MANIFESTS", text, Path())
    for part in (log_data, song_data):
        if f"{manifests}/".startswith(f"{part}/"):
            _refuse(f"SPARKIFY_MANIFESTS is {manifests}, inside the lake's own {part}: set it to another place.")
    return manifests


def _refuse(message: str) -> NoReturn:
    raise SettingsError(message)
