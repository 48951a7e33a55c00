"""What the errors of AWS mean to people.

What belongs here: turning the exceptions of boto3 and botocore into words that say what happened, to which bucket,
queue or cluster, which permission it takes, and which setting to look at. What doesn't: retries, which requests are
made, and the answers that are no errors to who asked (``lake.s3_answers``).

Nothing of such an exception comes over but its code and, where they can hold no secret, the server's own words: the
rest may quote addresses as they were configured, and those may hold a password. For the same reason the exceptions are
not chained.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkify_dagster.aws.services import Service
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.showing import printable, without_login

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_MAX_MESSAGE_CHARACTERS = 400
_MAX_CODE_CHARACTERS = 80

# All without the "Exception" or "Fault" that some services put behind them, and some only at times.
_NOT_THERE = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "ClusterNotFound",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "ResourceNotFound",
    }
)
_BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignature",
        "InvalidToken",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClient",
    }
)
_WRONG_REGION = frozenset(
    {"301", "307", "AuthorizationHeaderMalformed", "IllegalLocationConstraint", "PermanentRedirect"}
)
_NAME_TAKEN = frozenset(
    {
        "BucketAlreadyExists",
        "ClusterAlreadyExists",
        "ClusterParameterGroupAlreadyExists",
        "ClusterSnapshotAlreadyExists",
        "ClusterSubnetGroupAlreadyExists",
        "EntityAlreadyExists",
        "InvalidGroup.Duplicate",
    }
)
_QUOTAS = ("QuotaExceeded", "LimitExceeded", "TooManyBuckets", "LimitReached")
_NOT_POSSIBLE = frozenset(
    {"InvalidParameterCombination", "InvalidParameterValue", "UnsupportedOperation", "UnsupportedOption", "Validation"}
)
_NO_CAPACITY = frozenset({"InsufficientClusterCapacity", "InsufficientCapacity"})
_ALWAYS = {
    "InvalidObjectState": "The object is archived (Glacier): restore it, or move it out of the lake",
    "RequestTimeTooSkewed": "This machine's clock is wrong: set it",
}
_TOO_BUSY = frozenset({"RequestLimitExceeded", "RequestTimeout", "SlowDown", "TooManyRequests"})


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of AWS, for the words of an error.

    Attributes:
        service: Who was asked.
        doing: What was attempted, to follow "cannot" ("list s3://bucket/log_data/2018/11/").
        place: What was asked for ("bucket 'lake'").
        permission: The permission that it needs ("s3:ListBucket").
        setting: The setting that names the place.
        endpoint: The address that was asked, without user and password; None where only a library knows it.
    """

    service: Service
    doing: str
    place: str
    permission: str
    setting: str
    endpoint: str | None = None

    @property
    def settings(self) -> str:
        """The settings that say what is asked for, and where."""
        return ", ".join(dict.fromkeys((self.setting, *self.service.found_by)))


@contextmanager
def explaining(request: Request) -> Iterator[None]:
    """Turns what goes wrong with a request into an error for people.

    Raises:
        SparkifyError: It went wrong; of the service's kind, and the message says what to do.
    """
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    try:
        yield
    # A ValueError is what botocore makes of an answer's time that is none, and of a login program that says nonsense.
    except (Boto3Error, BotoCoreError, ClientError, ResponseParserError, HTTPError, ValueError) as error:
        raise request.service.error(f"cannot {request.doing}: {in_words(error, request)}") from None


@contextmanager
def explaining_setup(service: Service) -> Iterator[None]:
    """Turns whatever goes wrong while a client is made into an error for people.

    boto3 raises nearly anything there (ValueError, ImportError, its own), and quotes the endpoint as it was configured.

    Raises:
        SparkifyError: It went wrong; of the service's kind, unless it was one already.
    """
    try:
        yield
    except SparkifyError:
        raise
    except Exception as error:
        variables = ", ".join(dict.fromkeys(("AWS_PROFILE", "AWS_DEFAULT_REGION", *service.found_by)))
        raise service.error(
            f"cannot make a client for {service.title} ({type(error).__name__}). Check that boto3 is installed, and "
            f"the AWS configuration ({variables})"
        ) from None


def in_words(error: Exception, request: Request) -> str:
    """Says what an exception of boto3 or botocore means, and what to do."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import ClientError

    # What fails in an upload comes wrapped, with a text that says less.
    if isinstance(error, Boto3Error) and isinstance(error.__context__, ClientError):
        error = error.__context__
    return _refusal(error, request) if isinstance(error, ClientError) else _failure(error, request)


def error_code(error: "ClientError") -> str:
    """Gives the code of what a service answered ("NoSuchKey"); the status where it has none ("404")."""
    code = str(_answer(error, "Error").get("Code", "")) or str(_status(error))
    return printable(code)[:_MAX_CODE_CHARACTERS]


def _refusal(error: "ClientError", request: Request) -> str:
    """Words what the service answered."""
    code = error_code(error)
    service = f"{request.service.title} at {request.endpoint}" if request.endpoint else request.service.title
    message = "" if _is_untold(error) else _message(error)
    said = f" ({message})" if message and message != code else ""
    return f"{service} answers {code}{said}. {_advice(error, request)}"


def _is_untold(error: "ClientError") -> bool:
    """Says whether the server's words are kept back.

    Those to a wrong signature quote the request as it was signed, the session's token with it. Those of a server that
    fails are often those of another one in front of it, and say nothing.
    """
    return _blames_credentials(error) or _status(error) >= 500


def _advice(error: "ClientError", request: Request) -> str:
    code, place, permission = _kind(error), request.place, request.permission
    if code in _NOT_THERE:
        return f"There is no {place} there: check {request.settings}; the credentials also need {permission} on it"
    if _blames_credentials(error):
        return (
            "The AWS credentials are wrong or have expired, or this machine's clock is wrong: renew them, or set it; "
            f"they need {permission} on {place}"
        )
    if code in _ALWAYS:
        return _ALWAYS[code]
    if code in _WRONG_REGION:
        return f"Set AWS_DEFAULT_REGION to the region of {place}"
    if scarce := _scarcity(code, request):
        return scarce
    if _status(error) == 403 or code.startswith(("AccessDenied", "UnauthorizedOperation")):
        return f"Give the credentials in use the permission {permission} on {place}"
    if _status(error) >= 500 or _status(error) == 429 or code in _TOO_BUSY or "Thrott" in code:
        return f"It was asked {_attempts(error)} for {place}. Try again later, or with fewer runs at once"
    return f"Check {request.settings}; the credentials need {permission} on {place}"


def _scarcity(code: str, request: Request) -> str | None:
    """Words what is not to be had: a name, more of something, a machine; None where the answer tells of nothing."""
    if code in _NAME_TAKEN:
        return f"The name of the {request.place} is taken: choose another one by {request.setting}"
    if code.endswith(_QUOTAS) and code != "RequestLimitExceeded":
        return f"The account has reached a limit of {request.service.title}: remove something, or ask AWS to raise it"
    if code in _NO_CAPACITY:
        return "AWS has none of these left in the region at the moment: try again later, or choose another kind"
    if code in _NOT_POSSIBLE:
        return f"This is not to be had so in the region: choose otherwise by {request.setting}"
    return None


def _failure(error: Exception, request: Request) -> str:
    """Words what went wrong where the service gave no answer, or none that could be understood."""
    from botocore import exceptions

    service, kind = request.service, type(error).__name__
    endpoint = request.endpoint or service.title
    if isinstance(error, exceptions.NoRegionError):
        return f"no region is set. Set AWS_DEFAULT_REGION to the region of {request.place}"
    if isinstance(
        error,
        exceptions.NoCredentialsError
        | exceptions.PartialCredentialsError
        | exceptions.CredentialRetrievalError
        | exceptions.TokenRetrievalError
        | exceptions.ProfileNotFound
        | exceptions.SSOError,
    ):
        return (
            f"the AWS credentials are missing or have expired ({kind}). Configure or renew them (AWS_PROFILE, or a "
            f"role for this machine); they need {request.permission} on {request.place}"
        )
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError):
        return (
            f"{endpoint} takes no connection. Check the endpoint ({', '.join(service.found_by)}), and the network (in "
            f"a VPC, that it has an endpoint for {service.title})"
        )
    if isinstance(error, exceptions.ProxyConnectionError):
        return "there is no connection to the proxy. Check HTTPS_PROXY and NO_PROXY"
    if isinstance(error, exceptions.SSLError):
        return f"the certificate of {endpoint} is not trusted. Check the endpoint, and AWS_CA_BUNDLE"
    if isinstance(error, exceptions.ParamValidationError | exceptions.ValidationError):
        return f"this can be no request to {service.title} ({kind}). Check {request.setting}, and the AWS configuration"
    return (
        f"the connection to {endpoint} broke off, or its answer made no sense ({kind}). Try again; if it stays so, "
        "check the endpoint and the network"
    )


def _blames_credentials(error: "ClientError") -> bool:
    code = _kind(error)
    return code in _BAD_CREDENTIALS or "Signature" in code


def _kind(error: "ClientError") -> str:
    return error_code(error).removesuffix("Exception").removesuffix("Fault")


def _status(error: "ClientError") -> int:
    return int(_answer(error, "ResponseMetadata").get("HTTPStatusCode", 0))


def _message(error: "ClientError") -> str:
    """Gives the server's own words: they name what was denied to whom, such as a key of KMS behind an AccessDenied."""
    message = " ".join(str(_answer(error, "Error").get("Message", "")).split())
    return without_login(printable(message))[:_MAX_MESSAGE_CHARACTERS].rstrip(". ")


def _attempts(error: "ClientError") -> str:
    count = int(_answer(error, "ResponseMetadata").get("RetryAttempts", 0)) + 1
    return "once" if count == 1 else f"{count} times"


def _answer(error: "ClientError", section: str) -> dict[str, Any]:
    # A dict by annotation only: answers of stores that are only like AWS may lack any of it.
    return dict(error.response).get(section) or {}
