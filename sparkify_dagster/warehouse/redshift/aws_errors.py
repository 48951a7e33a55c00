"""What the errors of AWS's control plane mean to people who log in to Redshift.

What belongs here: turning exceptions of botocore into words that say what happened, which permission it takes, and
which setting to look at. What doesn't: making the requests, and the errors of S3.

Of an exception come over only its code and, where they can't hold a secret, AWS's own words. Nothing is chained.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkify_dagster.errors import WarehouseError
from sparkify_dagster.lake.keys import printable
from sparkify_dagster.lake.s3_errors import without_login

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_MAX_MESSAGE_CHARACTERS = 300

_NOT_THERE = frozenset({"ClusterNotFound", "ClusterNotFoundFault", "ResourceNotFoundException"})
# AWS's words to some of these quote the request as it was signed, the session's token with it.
_BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of AWS, for the words of an error.

    Attributes:
        doing: What is attempted, to follow "cannot" ("read the secret …").
        permission: The permission that it needs ("secretsmanager:GetSecretValue").
        setting: The setting that names what is asked for.
    """

    doing: str
    permission: str
    setting: str


@contextmanager
def explaining(question: Question) -> Iterator[None]:
    """Turns what goes wrong with a request into a WarehouseError.

    boto3 raises nearly anything while it makes a client (ValueError, ImportError, its own), so nothing is let through.
    """
    try:
        yield
    except WarehouseError:
        raise
    except Exception as error:
        raise WarehouseError(f"cannot {question.doing}: {in_words(error, question)}.") from None


def in_words(error: Exception, question: Question) -> str:
    """Says what an exception of botocore means, and what to do."""
    from botocore import exceptions  # noqa: PLC0415 takes long, and only Redshift needs it here

    if isinstance(error, exceptions.ClientError):
        return _refusal(error, question)
    if isinstance(error, exceptions.NoRegionError):
        return "no region is set. Set AWS_DEFAULT_REGION to Redshift's"
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
            f"the AWS credentials are missing or have expired ({type(error).__name__}). Configure or renew them "
            f"(AWS_PROFILE, or a role for this machine); they need {question.permission}"
        )
    if isinstance(error, exceptions.HTTPClientError):
        return (
            f"AWS takes no connection, or broke it off ({type(error).__name__}). Check the network (in a VPC, an "
            "endpoint for this service), AWS_DEFAULT_REGION and AWS_ENDPOINT_URL"
        )
    return (
        f"the request can't be made or its answer makes no sense ({type(error).__name__}). Check {question.setting} "
        "and the AWS configuration (AWS_PROFILE, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL)"
    )


def _refusal(error: "ClientError", question: Question) -> str:
    # A dict by annotation only: stand-ins for AWS may leave any of it out.
    answer = dict(error.response)
    code = str((answer.get("Error") or {}).get("Code", ""))
    status = int((answer.get("ResponseMetadata") or {}).get("HTTPStatusCode", 0))
    if code in _BAD_CREDENTIALS:
        return (
            f"AWS answers {code}. The credentials are wrong or have expired, or this machine's clock is wrong; they "
            f"need {question.permission}"
        )
    message = str((answer.get("Error") or {}).get("Message", ""))
    said = f"AWS answers {code} ({_shortened(message)})" if message and status < 500 else f"AWS answers {code}"
    if code in _NOT_THERE:
        return f"{said}. Check {question.setting} and AWS_DEFAULT_REGION"
    if status == 403 or code.startswith("AccessDenied"):
        return f"{said}. Give the credentials in use the permission {question.permission}"
    if status >= 500 or "Thrott" in code:
        return f"{said}. Try again later"
    return f"{said}. Check {question.setting}; the credentials need {question.permission}"


def _shortened(message: str) -> str:
    return without_login(printable(" ".join(message.split())))[:_MAX_MESSAGE_CHARACTERS].rstrip(". ")
