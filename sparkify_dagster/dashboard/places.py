"""Puts a page where people find it: a file, or an object on S3.

What belongs here: writing it so that nobody ever sees half of it, and saying what went wrong. What doesn't: what is in
it (``page``), and which place it is (``settings``).
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sparkify_dagster.aws.clients import LazyClient, s3_client
from sparkify_dagster.aws.services import S3
from sparkify_dagster.errors import SparkifyError

_MODE = 0o666


def put_page(place: str, html: str, client_factory: Callable[[], Any] = s3_client) -> int:
    """Writes a page, in the place of one that may be there.

    Args:
        place: An absolute path, or ``s3://bucket/key``.
        html: The page.
        client_factory: Makes a boto3 client for S3, where the place is there.

    Returns:
        Its size in bytes.

    Raises:
        SparkifyError: It can't be written; what was there is as it was.
    """
    content = html.encode()
    if place.startswith("s3://"):
        bucket, _, key = place.removeprefix("s3://").partition("/")
        client = LazyClient(S3, client_factory)
        with client.asking(f"write {place}", f"bucket {bucket!r}", "s3:PutObject", "SPARKIFY_DASHBOARD") as s3:
            s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="text/html; charset=utf-8")
    else:
        _put_file(Path(place), content)
    return len(content)


def _put_file(path: Path, content: bytes) -> None:
    draft: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        draft = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # As any file of this user's: a draft is only the user's own, and a web server may be another.
        draft.chmod(_MODE & ~_umask())
        draft.replace(path)
    except OSError as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        raise SparkifyError(
            f"can't write {path} ({error.strerror}): name another file with SPARKIFY_DASHBOARD, or make room for it."
        ) from error


def _umask() -> int:
    # There is no other way to ask.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
