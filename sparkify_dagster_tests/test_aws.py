"""Asking AWS: what is the same for all of its services, whoever asks."""

import traceback
from typing import Any

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, NoRegionError

from sparkify_dagster.aws.clients import LazyClient, client_config
from sparkify_dagster.aws.errors import Request, explaining
from sparkify_dagster.aws.services import REDSHIFT, S3, SECRETS, SERVERLESS, SNS, SQS, Service
from sparkify_dagster.errors import LakeError, SparkifyError, WarehouseError
from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.lake.places import Answer, in_turn, make_client, refusal, serving

TOKEN = "planted-SESSION-TOKEN"
SERVICES = pytest.mark.parametrize(
    "service", [S3, SQS, SNS, REDSHIFT, SERVERLESS, SECRETS], ids=lambda service: service.name
)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch, no_settings_from_outside: None) -> None:
    pretend_account(monkeypatch, token=TOKEN)


def told(service: Service, error: Exception) -> str:
    """What people are told when a request fails, from which nothing planted may be learned."""
    request = Request(service, "open it", "place 'p'", "x:Open", "THE_SETTING", "http://there")
    with pytest.raises(service.error) as caught, explaining(request):
        raise error
    message = str(caught.value)
    assert "planted" not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in message
    assert message.startswith("cannot open it: ")
    return message


def answered(code: str, message: str = "not you", status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},
        "Open",
    )


@SERVICES
@pytest.mark.parametrize(
    ("code", "status", "advice"),
    [
        ("AccessDenied", 403, "not you). Give the credentials in use the permission x:Open on place 'p'"),
        ("AccessDeniedException", 400, "not you). Give the credentials in use the permission x:Open on place 'p'"),
        ("ResourceNotFoundException", 400, "There is no place 'p' there: check THE_SETTING, "),
        ("ClusterNotFoundFault", 404, "There is no place 'p' there: check THE_SETTING, "),
        ("404", 404, "There is no place 'p' there: check THE_SETTING, "),
        ("ThrottlingException", 400, "asked once for place 'p'. Try again later"),
        ("InternalError", 500, "asked once for place 'p'. Try again later"),
        ("ExpiredTokenException", 400, "wrong or have expired"),
        ("SomethingNew", 400, "Check THE_SETTING, "),
        ("", 418, "answers 418"),
    ],
)
def test_all_services_are_understood_alike(service: Service, code: str, status: int, advice: str) -> None:
    message = told(service, answered(code, status=status))

    assert f"{service.title} at http://there answers" in message
    assert advice in message


@SERVICES
@pytest.mark.parametrize(
    "code",
    ["InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException", "SignatureNewlyWrong"],
)
def test_what_quotes_the_signed_request_is_not_quoted(service: Service, code: str) -> None:
    words = f"The Canonical String should have been 'x-amz-security-token:{TOKEN}'"

    assert "clock is wrong" in told(service, answered(code, words, 403))


def test_the_words_of_a_server_stay_on_one_line_and_bounded() -> None:
    message = told(S3, answered("Odd\ncode" * 90, "<html>\n\n" + "word " * 900 + "http://u:planted@there"))

    assert len(message) < 900


def test_no_region_is_named() -> None:
    assert "no region is set. Set AWS_DEFAULT_REGION" in told(REDSHIFT, NoRegionError())


@pytest.mark.parametrize(("service", "kind"), [(SQS, LakeError), (REDSHIFT, WarehouseError)])
def test_a_client_that_cannot_be_made_names_what_to_set(
    service: Service, kind: type[SparkifyError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(kind, match=rf"client for {service.title} \(NoRegionError\).*AWS_DEFAULT_REGION"):
        LazyClient(service).get()


@SERVICES
def test_waiting_is_bounded(service: Service) -> None:
    config: Any = client_config(service)

    assert config.retries == {"mode": "standard", "total_max_attempts": service.attempts}
    assert config.connect_timeout <= 10
    assert config.read_timeout <= 60


def test_a_refused_upload_says_what_was_refused() -> None:
    failed = S3UploadFailedError("Failed to upload /tmp/manifest to own/manifest")
    # boto3 raises it while it handles what S3 answered.
    failed.__context__ = answered("AccessDenied", status=403)

    assert "the permission x:Open on place 'p'" in told(S3, failed)


@pytest.mark.parametrize("answer", [refusal(403, "AccessDenied"), Answer(404)])
def test_a_bucket_that_is_refused_or_not_there_is_an_error_for_people(answer: Answer) -> None:
    with serving(in_turn(answer)) as script:
        client = LazyClient(S3, lambda: make_client(script.endpoint, 1))
        with (
            pytest.raises(LakeError, match=r"cannot look: .*s3:ListBucket on"),
            client.asking("look", "bucket 'own'", "s3:ListBucket", "SPARKIFY_MANIFESTS") as s3,
        ):
            s3.head_bucket(Bucket="own")
