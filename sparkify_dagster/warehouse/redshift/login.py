"""Where Redshift is, and as whom to log in.

What belongs here: asking AWS for what the settings leave open: a secret, or where a cluster or workgroup is.
What doesn't: connecting, and temporary passwords, which the driver fetches anew for each connection.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sparkify_dagster.aws.clients import LazyClient, configured_region, make_client
from sparkify_dagster.aws.errors import explaining_setup
from sparkify_dagster.aws.services import REDSHIFT, SECRETS, SERVERLESS
from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.settings import RedshiftSettings, Secret
from sparkify_dagster.settings.redshift import DEFAULT_PORT


@dataclass(frozen=True, slots=True)
class Login:
    """Where to connect to, and as whom.

    Attributes:
        host: The host.
        port: Its port.
        database: The database.
        user: The user; None where IAM decides.
        password: The password; None where the driver gets one by IAM.
        region: AWS's region, where the driver needs to be told.
    """

    host: str
    port: int
    database: str
    user: str | None
    password: Secret | None
    region: str | None


def find_login(settings: RedshiftSettings) -> Login:
    """Finds out what the settings leave open; asks AWS for nothing that they say.

    Raises:
        WarehouseError: AWS does not tell, or what it tells lacks something; the message says what to do.
    """
    secret = _read_secret(settings.secret_arn) if settings.secret_arn else {}
    database = settings.database or secret.get("dbname")
    if not database:
        raise WarehouseError(f"the secret {settings.secret_arn} has no dbname: set REDSHIFT_DATABASE.")
    host, port = _place(settings, secret)
    return Login(
        host=host,
        port=port,
        database=database,
        # User and password of a secret belong together, whatever REDSHIFT_USER says.
        user=secret.get("username") or settings.user,
        password=Secret(secret["password"]) if secret else settings.password,
        region=_region(settings, host),
    )


def _place(settings: RedshiftSettings, secret: Mapping[str, str]) -> tuple[str, int]:
    if settings.host:
        return settings.host, settings.port
    host, port = _place_elsewhere(settings, secret)
    return host, settings.port if settings.port != DEFAULT_PORT else port


def _place_elsewhere(settings: RedshiftSettings, secret: Mapping[str, str]) -> tuple[str, int]:
    if host := secret.get("host"):
        return host, _port(secret.get("port", str(DEFAULT_PORT)), settings)
    if settings.workgroup:
        return _ask_workgroup(settings.workgroup)
    if cluster := settings.cluster_identifier or secret.get("dbClusterIdentifier"):
        return _ask_cluster(cluster)
    raise WarehouseError(
        f"the secret {settings.secret_arn} has no host: set REDSHIFT_HOST, REDSHIFT_CLUSTER_IDENTIFIER or "
        "REDSHIFT_WORKGROUP."
    )


def _port(text: str, settings: RedshiftSettings) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65_535):
        raise WarehouseError(f"the port in the secret {settings.secret_arn} is no port: set REDSHIFT_PORT.")
    return int(text)


def _region(settings: RedshiftSettings, host: str) -> str | None:
    # The driver reads the region off an address of AWS. Off any other, such as a name of one's own, it would guess it.
    if settings.login in {"secret", "password"} or host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return None
    with explaining_setup(REDSHIFT):
        return configured_region()


def _read_secret(arn: str) -> dict[str, str]:
    """Gives the texts and numbers of a secret, as texts; user and password are among them."""
    # A secret may lie in another region than the rest; its ARN tells which.
    _, _, _, region, *_, name = arn.split(":")
    client = LazyClient(SECRETS, partial(make_client, SECRETS, region=region))
    place, permission = f"secret {name!r}", "secretsmanager:GetSecretValue"
    with client.asking(f"read the secret {arn}", place, permission, "REDSHIFT_SECRET_ARN") as secrets:
        text = secrets.get_secret_value(SecretId=arn).get("SecretString") or ""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise WarehouseError(f"the secret {arn} is not JSON with username and password: check REDSHIFT_SECRET_ARN.")
    values = {name: str(value) for name, value in content.items() if isinstance(value, str | int) and value != ""}
    for name in ("username", "password"):
        if name not in values:
            raise WarehouseError(f"the secret {arn} has no {name}: check REDSHIFT_SECRET_ARN.")
    return values


def _ask_cluster(cluster: str) -> tuple[str, int]:
    place, setting = f"cluster {cluster!r}", "REDSHIFT_CLUSTER_IDENTIFIER"
    with LazyClient(REDSHIFT).asking(
        f"ask where the {place} is", place, "redshift:DescribeClusters", setting
    ) as client:
        clusters = client.describe_clusters(ClusterIdentifier=cluster).get("Clusters")
    answer = clusters[0] if clusters else {}
    status = answer.get("ClusterStatus", "unknown")
    # A paused cluster keeps its address, and whoever tried to connect would wait for nothing.
    if status in {"paused", "pausing"}:
        raise WarehouseError(f"the cluster {cluster!r} is {status}: resume it, then try again.")
    return _endpoint(answer.get("Endpoint"), "Address", "Port", f"the cluster {cluster!r} is {status}")


def _ask_workgroup(workgroup: str) -> tuple[str, int]:
    place, permission = f"workgroup {workgroup!r}", "redshift-serverless:GetWorkgroup"
    with LazyClient(SERVERLESS).asking(f"ask where the {place} is", place, permission, "REDSHIFT_WORKGROUP") as client:
        answer = client.get_workgroup(workgroupName=workgroup).get("workgroup") or {}
    told = f"the workgroup {workgroup!r} is {answer.get('status', 'unknown')}"
    return _endpoint(answer.get("endpoint"), "address", "port", told)


def _endpoint(endpoint: Mapping[str, Any] | None, address: str, port: str, told: str) -> tuple[str, int]:
    if not endpoint or not endpoint.get(address):
        raise WarehouseError(f"{told} and has no address yet: try again when it is available.")
    return endpoint[address], endpoint.get(port, DEFAULT_PORT)
