"""What the errors of S3 mean to people, and those of SQS, which announces what comes into S3.

What belongs here: turning the exceptions of botocore into a LakeError that says what happened, in which bucket or
queue, and what to do. What does not: retries, and which requests are made.

Nothing of a botocore exception comes over but its code and the server's own words: the rest may quote addresses as they
were configured, and those may hold a password. For the same reason the exceptions are not chained.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkify_dagster.errors import LakeError, SparkifyError
from sparkify_dagster.lake.keys import printable

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_MAX_MESSAGE_CHARACTERS = 400

_NO_PLACE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket", "QueueDoesNotExist"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
_WRONG_VERSION = frozenset({"PreconditionFailed", "412"})
_NO_KEY = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_WRONG_CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
_WRONG_REGION = frozenset(
    {"301", "307", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}
)
_TOO_BUSY = frozenset({"RequestLimitExceeded", "RequestTimeout", "SlowDown", "Throttling", "TooManyRequests"})


class WrongVersionError(Exception):
    """The object is there, but in another version than the one asked for."""


class NoObjectError(Exception):
    """There is no object with this key."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of S3 or SQS, for the words of an error.

    Attributes:
        doing: What was attempted, to follow "cannot" ("list s3://bucket/log_data/2018/11/").
        bucket: The name of the bucket, or of what stands in its place.
        permission: The permission that it needs ("s3:ListBucket").
        endpoint: The address that was asked, without user and password.
        setting: The setting that names the bucket.
        service: Who was asked.
        kind: What ``bucket`` is the name of.
        endpoint_setting: The variable that says where the service is.
    """

    doing: str
    bucket: str
    permission: str
    endpoint: str
    setting: str = "SPARKIFY_LAKE"
    service: str = "S3"
    kind: str = "bucket"
    endpoint_setting: str = "AWS_ENDPOINT_URL_S3"

    @property
    def place(self) -> str:
        """The bucket or queue, for people."""
        return f"{self.kind} {self.bucket!r}"


def without_login(address: str) -> str:
    """Gives an address without the user and password that may stand in it."""
    return re.sub(r"(\w+://)[^/@\s]*@", r"\1", address)


@contextmanager
def explaining(request: Request) -> Iterator[None]:
    """Turns what goes wrong with a request into errors for people.

    Raises:
        WrongVersionError: S3 holds another version than the one asked for.
        NoObjectError: S3 holds no object with this key.
        LakeError: Anything else; the message says what to do.
    """
    # Imported here and not above: this module is imported where there is no S3 at all, and botocore takes long.
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        if _code(error) in _WRONG_VERSION:
            raise WrongVersionError from None
        if _code(error) in _NO_KEY:
            raise NoObjectError from None
        raise LakeError(_refusal(error, request)) from None
    except (BotoCoreError, ResponseParserError, HTTPError) as error:
        raise LakeError(f"cannot {request.doing}: {_failure(error, request)}") from None


@contextmanager
def explaining_setup(service: str = "S3", endpoint_setting: str = "AWS_ENDPOINT_URL_S3") -> Iterator[None]:
    """Turns whatever goes wrong while a client is made into a LakeError.

    boto3 raises nearly anything there (ValueError, ImportError, its own), and quotes the endpoint as it was configured.
    """
    try:
        yield
    except SparkifyError:
        raise
    except Exception as error:
        raise LakeError(
            f"cannot make a client for {service} ({type(error).__name__}). Check that boto3 is installed, and the AWS "
            f"configuration (AWS_PROFILE, AWS_DEFAULT_REGION, {endpoint_setting})"
        ) from None


def _refusal(error: "ClientError", request: Request) -> str:
    """Words what the service answered."""
    code, status, message = _code(error), _status(error), _message(error)
    said = f"{request.service} at {request.endpoint} answers {code}"
    if message and message != code:
        said += f" ({message})"
    return f"cannot {request.doing}: {said}. {_advice(code, status, error, request)}"


def _advice(code: str, status: int, error: "ClientError", request: Request) -> str:
    place, permission = request.place, request.permission
    if code in _NO_PLACE:
        return (
            f"There is no {place} there: check {request.setting} and the endpoint; "
            f"the credentials also need {permission} on it"
        )
    if code == "InvalidObjectState":
        return "The object is archived (Glacier): restore it, or move it out of the lake"
    if code in _BAD_CREDENTIALS:
        return f"The AWS credentials are wrong or have expired: renew them; they need {permission} on {place}"
    if code in _WRONG_CLOCK:
        return "This machine's clock is wrong: set it"
    if code in _WRONG_REGION:
        return f"Set AWS_DEFAULT_REGION to the region of {place}"
    if status == 403 or code in _DENIED:
        return f"Give the credentials in use the permission {permission} on {place}"
    if status >= 500 or status == 429 or code in _TOO_BUSY:
        return f"It was asked {_attempts(error)} for {place}. Try again later, or with fewer runs at once"
    return f"Check that {place} can be used with {permission} from here"


def _failure(error: Exception, request: Request) -> str:
    """Words what went wrong where the service gave no answer, or none that could be understood."""
    from botocore import exceptions

    if isinstance(
        error,
        exceptions.NoCredentialsError
        | exceptions.PartialCredentialsError
        | exceptions.CredentialRetrievalError
        | exceptions.TokenRetrievalError
        | exceptions.SSOError,
    ):
        return (
            f"the AWS credentials are missing or have expired ({type(error).__name__}). Configure or renew them "
            f"(AWS_PROFILE, or a role for this machine); they need {request.permission} on {request.place}"
        )
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError):
        return (
            f"{request.endpoint} takes no connection. Check the endpoint ({request.endpoint_setting}), and the network"
        )
    if isinstance(error, exceptions.ProxyConnectionError):
        return "there is no connection to the proxy. Check HTTPS_PROXY and NO_PROXY"
    if isinstance(error, exceptions.SSLError):
        return f"the certificate of {request.endpoint} is not trusted. Check the endpoint, and AWS_CA_BUNDLE"
    if isinstance(error, exceptions.ParamValidationError | exceptions.ValidationError):
        return (
            f"this can be no request to {request.service} ({type(error).__name__}). "
            f"Check {request.setting}, and the AWS configuration"
        )
    return (
        f"the connection to {request.endpoint} broke off, or its answer made no sense ({type(error).__name__}). "
        "Try again; if it stays so, check the endpoint and the network"
    )


def _code(error: "ClientError") -> str:
    return str(_answer(error, "Error").get("Code", "")) or str(_status(error))


def _status(error: "ClientError") -> int:
    return int(_answer(error, "ResponseMetadata").get("HTTPStatusCode", 0))


def _message(error: "ClientError") -> str:
    """Gives the server's own words: they name what was denied to whom, such as a key of KMS behind an AccessDenied."""
    message = str(_answer(error, "Error").get("Message", ""))
    return without_login(printable(message))[:_MAX_MESSAGE_CHARACTERS].rstrip(". ")


def _attempts(error: "ClientError") -> str:
    count = int(_answer(error, "ResponseMetadata").get("RetryAttempts", 0)) + 1
    return "once" if count == 1 else f"{count} times"


def _answer(error: "ClientError", section: str) -> dict[str, Any]:
    # A dict by annotation only: answers of stores that are only like S3 may lack any of it.
    return dict(error.response).get(section) or {}
