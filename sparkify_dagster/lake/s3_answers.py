"""What S3 answers of a single object that is no error of S3: it is not there, or not in this version.

What belongs here: telling these answers from errors. What does not: what they mean to a lake, and the errors
(``aws.errors``).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sparkify_dagster.aws.errors import error_code

_WRONG_VERSION = frozenset({"PreconditionFailed", "412"})
_NO_KEY = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


class WrongVersionError(Exception):
    """The object is there, but in another version than the one asked for."""


class NoObjectError(Exception):
    """There is no object with this key."""


@contextmanager
def about_an_object() -> Iterator[None]:
    """Picks these answers out of all refusals, and lets the others through.

    Raises:
        WrongVersionError: S3 holds another version than the one asked for.
        NoObjectError: S3 holds no object with this key.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error_code(error) in _WRONG_VERSION:
            raise WrongVersionError from None
        if error_code(error) in _NO_KEY:
            raise NoObjectError from None
        raise
