"""Connecting to Redshift: as whom, over which TLS, what is tried again, and what people are told."""

import json
import os
import re
import socket
import subprocess
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.settings import RedshiftSettings, Secret
from sparkify_dagster.warehouse.redshift.connecting import PAUSES, connect
from sparkify_dagster.warehouse.redshift.login import find_login
from sparkify_dagster_tests.aws import pretend_account

from .servers import (
    Authority,
    FakeRedshift,
    close_after_the_handshake,
    close_in_the_handshake,
    close_unanswered,
    fake_service,
    let_in,
    refuse,
    refuse_tls,
    reset,
    say_nothing,
    say_nothing_over_tls,
    talk_nonsense,
)

PASSWORD = "pl4nted-P4ssw0rd"
TOKEN = "pl4nted-T0ken"

Behaviour = Callable[[FakeRedshift, socket.socket], None]
Serve = Callable[..., FakeRedshift]

SETTINGS = RedshiftSettings(
    host="127.0.0.1",
    port=5439,
    database="dev",
    user="loader",
    password=Secret(PASSWORD),
    schema="public",
    iam_role_arn="default",
    cluster_identifier=None,
    workgroup=None,
    secret_arn=None,
    sslmode="verify-ca",
    manifests="s3://own/manifests",
    statement_timeout=3600.0,
    connect_timeout=1.0,
)
BY_IAM = replace(SETTINGS, password=None, cluster_identifier="dwh")
SERVERLESS = replace(SETTINGS, password=None, user=None, workgroup="dwh-group")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority of the tests is trusted, as that of a company would be."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_account(monkeypatch, secret="pl4nted-S3cret", token=TOKEN, region="us-west-2")


@pytest.fixture
def serve(authority: Authority) -> Iterator[Serve]:
    """Starts servers that behave as told."""
    running = []

    def start(*behaviours: Behaviour) -> FakeRedshift:
        context = FakeRedshift(authority, behaviours).running()
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def moto(s3_endpoint: str) -> str:
    """An AWS with a cluster "dwh"."""
    client_of("redshift", s3_endpoint).create_cluster(
        ClusterIdentifier="dwh",
        NodeType="ra3.large",
        MasterUsername="loader",
        MasterUserPassword="Passw0rd",
        DBName="dev",
        ClusterType="single-node",
        Port=5440,
    )
    return s3_endpoint


@pytest.fixture
def aws(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of AWS is where ``moto`` is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)


@cache
def client_of(service: str, address: str) -> Any:
    import boto3

    return boto3.client(
        service,
        endpoint_url=address,
        region_name="us-west-2",
        aws_access_key_id="AKIAPLANTED",
        aws_secret_access_key="pl4nted-S3cret",
    )


def make_secret(content: Any) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    client = client_of("secretsmanager", os.environ["AWS_ENDPOINT_URL"])
    return client.create_secret(Name=f"dwh-{uuid.uuid4().hex}", SecretString=text)["ARN"]


def refused(settings: RedshiftSettings) -> tuple[str, list[float]]:
    """What people are told, and the pauses that were made before."""
    pauses: list[float] = []
    with pytest.raises(WarehouseError) as refusal:
        connect(settings, pauses.append)
    message = str(refusal.value)
    everything = "".join(traceback.format_exception(refusal.value)) + repr(refusal.value)
    assert "pl4nted" not in everything
    assert "\n" not in message
    return message, pauses


class TestByPassword:
    def test_it_logs_in_over_tls(self, serve: Serve) -> None:
        server = serve(let_in)

        connection = connect(replace(SETTINGS, port=server.port))

        connection.close()
        assert server.passwords == [PASSWORD]
        startup = server.startups[0]
        assert (startup["user"], startup["database"]) == ("loader", "dev")
        assert startup["application_name"] == "sparkify"

    def test_a_statement_may_take_longer_than_connecting(self, serve: Serve) -> None:
        from redshift_connector import ProgrammingError

        connection = connect(replace(SETTINGS, port=serve(let_in).port))

        with pytest.raises(ProgrammingError, match="slow"):
            connection.cursor().execute("SELECT 1")
        connection.close()

    def test_a_wrong_password_is_told_at_once(self, serve: Serve) -> None:
        server = serve(refuse("28000", 'password authentication failed for user "loader", not "{password}"'))

        message, pauses = refused(replace(SETTINGS, port=server.port))

        assert pauses == []
        assert f"127.0.0.1:{server.port} (database 'dev', user 'loader')" in message
        assert "authentication failed" in message
        assert "REDSHIFT_PASSWORD" in message

    def test_an_unknown_database_is_told_at_once(self, serve: Serve) -> None:
        message, pauses = refused(replace(SETTINGS, port=serve(refuse("3D000", "no database dev")).port))

        assert pauses == []
        assert message.endswith("Check REDSHIFT_DATABASE.")


class TestTls:
    def test_an_authority_that_is_not_trusted(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        server = serve(let_in)

        message, pauses = refused(replace(SETTINGS, port=server.port))

        assert pauses == []
        assert "certificate is not trusted" in message
        assert "SSL_CERT_FILE" in message
        assert server.passwords == []

    @pytest.mark.parametrize(("sslmode", "taken"), [("verify-ca", True), ("verify-full", False)])
    def test_only_verify_full_wants_the_hosts_name(self, sslmode: str, taken: bool, serve: Serve) -> None:
        server = serve(let_in)
        settings = replace(SETTINGS, host="localhost", port=server.port, sslmode=sslmode)

        if taken:
            connect(settings).close()
        else:
            message, pauses = refused(settings)
            assert "not valid for 'localhost'" in message
            assert pauses == []
            assert server.passwords == []

    def test_verify_full_takes_a_certificate_with_the_hosts_name(self, serve: Serve) -> None:
        connect(replace(SETTINGS, port=serve(let_in).port, sslmode="verify-full")).close()

    @pytest.mark.parametrize("sslmode", ["disable", "require", ""])
    def test_no_settings_made_by_hand_get_round_it(
        self, sslmode: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        server = serve(let_in)

        message, _ = refused(replace(SETTINGS, port=server.port, sslmode=sslmode))

        assert "certificate is not trusted" in message
        assert server.passwords == []

    def test_a_server_without_tls_gets_no_password(self, serve: Serve) -> None:
        server = serve(refuse_tls)

        message, pauses = refused(replace(SETTINGS, port=server.port))

        assert pauses == []
        assert "speaks no TLS" in message
        assert server.startups == []


class TestWhatMayPass:
    @pytest.mark.parametrize(
        ("behaviour", "told"),
        [
            (reset, "broke off"),
            (close_unanswered, "closed the connection"),
            (close_in_the_handshake, "broke off"),
            (close_after_the_handshake, "security group"),
            (refuse("53300", "too many connections"), "too many connections"),
            pytest.param(refuse("57P03", "the cluster is resuming"), "the cluster is resuming", marks=pytest.mark.slow),
            pytest.param(refuse("57P01", "terminating connection"), "terminating connection", marks=pytest.mark.slow),
        ],
        ids=["reset", "closed unanswered", "closed in the handshake", "closed after it", "53300", "57P03", "57P01"],
    )
    def test_it_is_tried_again_and_then_told(self, behaviour: Behaviour, told: str, serve: Serve) -> None:
        server = serve(behaviour)

        message, pauses = refused(replace(SETTINGS, port=server.port))

        assert pauses == list(PAUSES)
        if behaviour is not close_unanswered:  # where it asks once more each time
            assert server.connections == len(PAUSES) + 1
        assert told in message
        assert message.endswith("(tried 4 times).")

    @pytest.mark.parametrize("behaviour", [reset, refuse("53300", "too many connections")])
    def test_it_passes(self, behaviour: Behaviour, serve: Serve) -> None:
        server = serve(behaviour, behaviour, let_in)
        pauses: list[float] = []

        connect(replace(SETTINGS, port=server.port), pauses.append).close()

        assert pauses == list(PAUSES[:2])
        assert server.connections == 3

    def test_a_refused_port(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]

        message, pauses = refused(replace(SETTINGS, port=port))

        assert pauses == list(PAUSES)
        assert re.search(r"refused.*REDSHIFT_PORT.*paused.*security group", message)

    @pytest.mark.parametrize("behaviour", [say_nothing, say_nothing_over_tls])
    def test_a_server_that_says_nothing(
        self, behaviour: Behaviour, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sparkify_dagster.warehouse.redshift.connecting.PAUSES", (0.0,))

        message, pauses = refused(replace(SETTINGS, port=serve(behaviour).port))

        assert pauses == [0.0]
        assert "no answer within 1 s (REDSHIFT_CONNECT_TIMEOUT)" in message

    @pytest.mark.parametrize(("code", "tried"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 4)])
    def test_a_host_that_is_not_known(self, code: int, tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(code, "no such host")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)

        message, pauses = refused(replace(SETTINGS, host="dwh.invalid"))

        assert len(pauses) == tried - 1
        assert "dwh.invalid" in message
        assert "REDSHIFT_HOST" in message

    def test_what_is_no_redshift_is_told_at_once(self, serve: Serve) -> None:
        message, pauses = refused(replace(SETTINGS, port=serve(talk_nonsense).port))

        assert pauses == []
        assert "makes no sense" in message


@pytest.mark.usefixtures("aws")
class TestSecret:
    def by(self, content: Any, **changes: Any) -> RedshiftSettings:
        empty = {"host": None, "user": None, "password": None, "database": ""}
        return replace(SETTINGS, **{**empty, "secret_arn": make_secret(content), **changes})

    def test_it_logs_in_with_what_the_secret_holds(self, serve: Serve) -> None:
        server = serve(let_in)
        content = {
            "engine": "redshift",
            "username": "admin",
            "password": PASSWORD,
            "host": "127.0.0.1",
            "port": server.port,
            "dbname": "theirs",
        }

        connect(self.by(content)).close()

        assert server.passwords == [PASSWORD]
        assert (server.startups[0]["user"], server.startups[0]["database"]) == ("admin", "theirs")

    def test_settings_win_over_it_but_for_user_and_password(self) -> None:
        content = {"username": "admin", "password": PASSWORD, "host": "theirs", "port": "1", "dbname": "theirs"}

        login = find_login(self.by(content, host="mine", port=2, database="mine", user="mine"))

        assert (login.host, login.port, login.database, login.user) == ("mine", 2, "mine", "admin")
        assert login.password == Secret(PASSWORD)
        assert PASSWORD not in repr(login)

    def test_a_secret_of_user_and_password_alone_goes_with_a_cluster(self) -> None:
        login = find_login(
            self.by({"username": "admin", "password": PASSWORD}, database="dev", cluster_identifier="dwh")
        )

        assert login.host.endswith(".us-west-2.redshift.amazonaws.com")
        assert login.port == 5440

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (f"admin:{PASSWORD}", "not JSON with username and password"),
            ([PASSWORD], "not JSON with username and password"),
            ({"username": "admin"}, "has no password"),
            ({"password": PASSWORD}, "has no username"),
            ({"username": "a", "password": PASSWORD, "host": "h"}, "REDSHIFT_DATABASE"),
            ({"username": "a", "password": PASSWORD, "dbname": "d"}, "REDSHIFT_HOST"),
            ({"username": "a", "password": PASSWORD, "dbname": "d", "host": "h", "port": PASSWORD}, "REDSHIFT_PORT"),
        ],
    )
    def test_what_it_lacks_is_told(self, content: Any, told: str) -> None:
        message, _ = refused(self.by(content))

        assert told in message

    def test_a_secret_that_is_not_there(self) -> None:
        arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:none-AbCdEf"

        message, _ = refused(replace(SETTINGS, secret_arn=arn))

        assert re.search(r"none-AbCdEf.*ResourceNotFoundException.*REDSHIFT_SECRET_ARN", message)

    def test_a_wrong_password_in_it(self, serve: Serve) -> None:
        server = serve(refuse("28000", "password authentication failed"))
        content = {"username": "admin", "password": PASSWORD, "dbname": "dev"}

        message, _ = refused(self.by(content, host="127.0.0.1", port=server.port))

        assert "REDSHIFT_SECRET_ARN" in message


@pytest.mark.usefixtures("aws")
class TestIam:
    def test_it_logs_in_with_a_temporary_password(self, serve: Serve) -> None:
        server = serve(let_in)

        for _ in range(2):
            connect(replace(BY_IAM, port=server.port)).close()

        assert server.startups[0]["user"] == "IAM:loader"
        first, second = server.passwords
        assert len(first) == 32
        assert first != second

    def test_aws_is_asked_where_the_cluster_is(self) -> None:
        login = find_login(replace(BY_IAM, host=None))

        assert re.fullmatch(r"dwh\..*\.us-west-2\.redshift\.amazonaws\.com", login.host)
        assert login.port == 5440
        assert login.region is None

    def test_a_cluster_that_is_not_there(self) -> None:
        for host in (None, "127.0.0.1"):
            message, pauses = refused(replace(BY_IAM, host=host, cluster_identifier="none"))
            assert pauses == []
            assert re.search("ClusterNotFound.*REDSHIFT_CLUSTER_IDENTIFIER", message)

    def test_no_credentials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name)

        message, pauses = refused(BY_IAM)

        assert pauses == []
        assert "redshift:GetClusterCredentials" in message
        assert "redshift:DescribeClusters" in refused(replace(BY_IAM, host=None))[0]

    def test_no_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")

        assert "AWS_DEFAULT_REGION" in refused(replace(BY_IAM, host=None))[0]

    def test_a_user_that_is_not_there(self, serve: Serve) -> None:
        server = serve(refuse("28000", 'user "IAM:loader" does not exist'))

        assert "REDSHIFT_USER" in refused(replace(BY_IAM, port=server.port))[0]


@pytest.mark.parametrize("status", ["paused", "creating"])
def test_a_cluster_that_can_not_answer_now_is_told(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from botocore.stub import Stubber

    client = boto3.client("redshift")
    monkeypatch.setattr("boto3.session.Session.client", lambda *_, **__: client)
    with Stubber(client) as stub:
        stub.add_response("describe_clusters", {"Clusters": [{"ClusterStatus": status}]})
        message, _ = refused(replace(BY_IAM, host=None))

    assert f"the cluster 'dwh' is {status}" in message


class TestServerless:
    def test_it_asks_where_and_as_whom(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        server = serve(let_in)
        endpoint = {"address": "127.0.0.1", "port": server.port}
        credentials = {"dbUser": "IAMR:role", "dbPassword": PASSWORD, "expiration": 1_900_000_000.5}
        answers: dict[str, tuple[int, dict[str, Any]]] = {
            "GetWorkgroup": (200, {"workgroup": {"status": "AVAILABLE", "endpoint": endpoint}}),
            "GetCredentials": (200, credentials),
        }
        with fake_service(answers) as (address, asked):
            monkeypatch.setenv("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", address)
            connect(replace(SERVERLESS, host=None)).close()

        assert asked == [
            ("GetWorkgroup", {"workgroupName": "dwh-group"}),
            ("GetCredentials", {"dbName": "dev", "workgroupName": "dwh-group"}),
        ]
        assert server.passwords == [PASSWORD]
        assert server.startups[0]["user"] == "IAMR:role"

    @pytest.mark.parametrize(
        ("action", "host", "permission"),
        [
            ("GetWorkgroup", None, "redshift-serverless:GetWorkgroup"),
            ("GetCredentials", "127.0.0.1", "redshift-serverless:GetCredentials"),
        ],
    )
    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("AccessDeniedException", "User: x is not authorized"),
            ("InvalidSignatureException", f"The Canonical String should have been 'x-amz-security-token:{TOKEN}'"),
        ],
    )
    def test_a_missing_permission_is_named(
        self, action: str, host: str | None, permission: str, code: str, words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refusal = {"__type": code, "message": words}
        with fake_service({action: (400, refusal)}) as (address, _):
            monkeypatch.setenv("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", address)
            message, pauses = refused(replace(SERVERLESS, host=host))

        assert pauses == []
        assert code in message
        assert permission in message

    def test_a_workgroup_without_an_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answers: dict[str, tuple[int, dict[str, Any]]] = {"GetWorkgroup": (200, {"workgroup": {"status": "CREATING"}})}
        with fake_service(answers) as (address, _):
            monkeypatch.setenv("AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS", address)
            message, _ = refused(replace(SERVERLESS, host=None))

        assert "'dwh-group' is CREATING" in message


def test_the_module_asks_for_nothing_when_imported(tmp_path: Path) -> None:
    code = (
        "import sys, sparkify_dagster.warehouse.redshift.connecting\n"
        "print([name for name in ('boto3', 'botocore', 'redshift_connector') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
