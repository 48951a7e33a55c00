"""A lake in S3, or in a store that speaks its language.

What belongs here: the requests that a lake makes. What does not: which keys are log or song files (``keys``), how a
client is set up, and the words for what goes wrong (``sparkify_dagster.aws``).
"""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sparkify_dagster.aws.clients import LazyClient
from sparkify_dagster.aws.services import S3
from sparkify_dagster.errors import LakeError
from sparkify_dagster.lake.base import (
    MAX_IGNORED,
    LakeFile,
    Listing,
    Page,
    answers,
    changed,
    gone,
    refuse_strange,
)
from sparkify_dagster.lake.copies import copy_paths, writing
from sparkify_dagster.lake.keys import (
    LOG_PART,
    SONG_PART,
    check_month,
    is_data,
    is_log,
    is_month,
    is_song,
    is_year,
    month_of,
)
from sparkify_dagster.lake.s3_answers import NoObjectError, WrongVersionError, about_an_object
from sparkify_dagster.showing import printable, without_login

_FETCH_THREADS = 16
_READ_AT_ONCE = 512
_CHUNK_BYTES = 1 << 20
# botocore repeats requests, but not the reading of an answer's body: that is done here.
_BODY_ATTEMPTS = 4
_BODY_PAUSE_SECONDS = 0.25
# A file to fetch, and where to.
_Task = tuple[LakeFile, Path]
_BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")


class _Place(NamedTuple):
    """Where a part of the lake lives."""

    bucket: str
    prefix: str  # what all keys of the part begin with: "" or ending in "/"

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


class S3Lake:
    """A lake whose parts lie in S3, in one bucket or two."""

    requests_a_page = 1

    def __init__(self, client_factory: Callable[[], Any], logs: str, songs: str, location: str) -> None:
        """Names the places; nothing is asked of S3 yet.

        Args:
            client_factory: Makes a boto3 client for S3; called once, when the first request is made.
            logs: Where the years of log files lie: "s3://bucket/prefix".
            songs: Where the song files lie: "s3://bucket/prefix".
            location: Where the lake is, for people.

        Raises:
            LakeError: One of the places is not of the form "s3://bucket/prefix".
        """
        self.location = without_login(location)
        self._places = {LOG_PART: _place(logs), SONG_PART: _place(songs)}
        self._client = LazyClient(S3, client_factory)

    def __repr__(self) -> str:
        return f"S3Lake({self.location!r})"

    def log_months(self) -> list[str]:
        """See ``Lake.log_months``. Costs one request, and one for each year."""
        place = self._places[LOG_PART]
        months = []
        for year in filter(is_year, self._folders(place, "")):
            months += [f"{year}-{name}" for name in self._folders(place, f"{year}/") if is_month(f"{year}-{name}")]
        return sorted(months)

    def list_logs(self, month: str) -> Listing:
        """See ``Lake.list_logs``. Costs one request for each 1,000 keys."""
        year, number = check_month(month).split("-")
        return self._list(LOG_PART, f"{year}/{number}/", is_log)

    def list_songs(self) -> Listing:
        """See ``Lake.list_songs``. Costs one request for each 1,000 keys."""
        return self._list(SONG_PART, "", is_song)

    def log_pages(self, after: str = "") -> Iterator[Page]:
        """See ``Lake.log_pages``. Each costs one request."""
        return self._pages_of_files(LOG_PART, after, is_log)

    def song_pages(self, after: str = "") -> Iterator[Page]:
        """See ``Lake.song_pages``. Each costs one request."""
        return self._pages_of_files(SONG_PART, after, is_song)

    def stat(self, key: str) -> LakeFile | None:
        """See ``Lake.stat``.

        Asks for a listing and not for the object's head: a head that finds nothing does not say whether the key or the
        whole bucket is missing, and one that is refused does not say why.
        """
        if not is_data(key):
            return None
        bucket, s3_key = self._address(key)
        # A key is the first of all keys that begin with it.
        for entry in self._page(bucket, {"Prefix": s3_key, "MaxKeys": 1}).get("Contents", []):
            if entry["Key"] == s3_key:
                return _lake_file(key, entry)
        return None

    def read(self, file: LakeFile) -> bytes:
        """See ``Lake.read``."""
        content = BytesIO()
        self._copy(file, content)
        return content.getvalue()

    def read_all(self, files: Sequence[LakeFile]) -> Iterator[bytes]:
        """See ``Lake.read_all``. Costs a request for each file, 16 at a time."""
        with ThreadPoolExecutor(_FETCH_THREADS, thread_name_prefix="lake-read") as pool:
            # In chunks, so that no more than these are held in memory.
            for start in range(0, len(files), _READ_AT_ONCE):
                yield from pool.map(self.read, files[start : start + _READ_AT_ONCE])

    def local_path(self, file: LakeFile) -> Path | None:
        """See ``Lake.local_path``: there is none."""
        refuse_strange(file)
        return None

    def address(self, file: LakeFile) -> str | None:
        """See ``Lake.address``."""
        refuse_strange(file)
        bucket, s3_key = self._address(file.key)
        return f"s3://{bucket}/{s3_key}"

    def ends(self, file: LakeFile, length: int) -> tuple[bytes, bytes]:
        """See ``Lake.ends``. Costs one request or two."""
        if file.size <= 2 * length:
            return self.read(file), b""
        head, tail = BytesIO(), BytesIO()
        self._copy(file, head, range(length))
        self._copy(file, tail, range(file.size - length, file.size))
        return head.getvalue(), tail.getvalue()

    def fetch(self, files: Sequence[LakeFile], folder: Path) -> list[Path]:
        """See ``Lake.fetch``. Fetches 16 files at a time; the first error ends it."""
        paths = copy_paths(folder, len(files))
        waiting: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        for task in zip(files, paths, strict=True):
            waiting.put(task)
        stop = threading.Event()

        def work() -> None:
            try:
                for file, path in _until_empty(waiting):
                    if stop.is_set():
                        return
                    with writing(path) as target:
                        self._copy(file, target)
            except BaseException:
                stop.set()
                raise

        # Few workers with a queue, not a future for each file: 100,000 of those would fill the memory.
        with ThreadPoolExecutor(_FETCH_THREADS, thread_name_prefix="lake-fetch") as pool:
            workers = [pool.submit(work) for _ in range(min(_FETCH_THREADS, len(files)))]
            try:
                for worker in workers:
                    worker.result()
            finally:
                stop.set()
        return paths

    def log_month_at(self, bucket: str, s3_key: str) -> str | None:
        """See ``Lake.log_month_at``."""
        place = self._places[LOG_PART]
        if bucket != place.bucket or not s3_key.startswith(place.prefix):
            return None
        return month_of(f"{LOG_PART}/{s3_key[len(place.prefix) :]}")

    def check(self) -> str:
        """See ``Lake.check``. Asks also whether files may be read, for that needs a permission of its own."""
        for place in self._places.values():
            for entry in self._page(place.bucket, {"Prefix": place.prefix, "MaxKeys": 1}).get("Contents", []):
                self._try_reading(place.bucket, entry["Key"])
        return answers(len(self.log_months()))

    def _address(self, key: str) -> tuple[str, str]:
        """Gives the bucket and the key in it of a key that has been checked."""
        part, _, rest = key.partition("/")
        place = self._places[part]
        return place.bucket, place.prefix + rest

    @contextmanager
    def _asking(self, doing: str, bucket: str, permission: str) -> Iterator[Any]:
        """Hands out the client for one request, and explains what goes wrong with it."""
        place = f"bucket {bucket!r}"
        with self._client.asking(doing, place, permission, "SPARKIFY_LAKE") as client, about_an_object():
            yield client

    def _page(self, bucket: str, question: dict[str, Any]) -> dict[str, Any]:
        doing = f"list s3://{bucket}/{printable(question['Prefix'])}"
        try:
            with self._asking(doing, bucket, "s3:ListBucket") as client:
                page = client.list_objects_v2(Bucket=bucket, **question)
        except NoObjectError:
            page = {}
        # An empty answer, or a proxy's page for logging in, must not look like a lake whose files were all deleted.
        if "IsTruncated" not in page:
            raise LakeError(
                f"cannot {doing}: what {self._client.endpoint} answers is not a listing of S3. Try again; "
                "if it stays so, check the endpoint (AWS_ENDPOINT_URL_S3), and HTTPS_PROXY"
            )
        return page

    def _pages(self, bucket: str, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Gives all pages of a listing; one that cannot be continued to its end raises, whatever came before."""
        token = None
        while True:
            page = self._page(bucket, question)
            yield page
            if not page.get("IsTruncated"):
                return
            before, token = token, page.get("NextContinuationToken")
            if not token or token == before:
                place = f"s3://{bucket}/{printable(question['Prefix'])}"
                raise LakeError(
                    f"the listing of {place} was cut short, so none of it counts: S3 says that there is more, and not "
                    "where. Try again; if it stays so, this store cannot hold a lake"
                )
            question = {name: value for name, value in question.items() if name != "StartAfter"}
            question["ContinuationToken"] = token

    def _folders(self, place: _Place, below: str) -> list[str]:
        """Gives the names of what would be folders, directly below a prefix of a place."""
        prefix = place.prefix + below
        pages = self._pages(place.bucket, {"Prefix": prefix, "Delimiter": "/"})
        return [common["Prefix"][len(prefix) : -1] for page in pages for common in page.get("CommonPrefixes", [])]

    def _list(self, part: str, below: str, counts: Callable[[str], bool]) -> Listing:
        place = self._places[part]
        # By key, for a store may give the same page twice, and no file counts twice.
        files: dict[str, LakeFile] = {}
        ignored: set[str] = set()
        for page in self._pages(place.bucket, {"Prefix": place.prefix + below}):
            for entry in page.get("Contents", []):
                key = f"{part}/{entry['Key'][len(place.prefix) :]}"
                if counts(key):
                    files[key] = _lake_file(key, entry)
                elif len(ignored) < MAX_IGNORED and not _is_folder_mark(entry):
                    ignored.add(printable(key))
        return Listing([files[key] for key in sorted(files)], sorted(ignored))

    def _pages_of_files(self, part: str, after: str, counts: Callable[[str], bool]) -> Iterator[Page]:
        place = self._places[part]
        question = {"Prefix": place.prefix}
        if after:
            question["StartAfter"] = place.prefix + after.removeprefix(f"{part}/")
        for page in self._pages(place.bucket, question):
            entries = [(f"{part}/{entry['Key'][len(place.prefix) :]}", entry) for entry in page.get("Contents", [])]
            if not entries and page["IsTruncated"]:
                continue
            if after and entries and entries[0][0] <= after:
                raise LakeError(
                    f"the listing of s3://{place.bucket}/{printable(question['Prefix'])} is not in the order of its "
                    "keys, so it cannot go on where it stopped. This store can hold no lake with so many files"
                )
            after = entries[-1][0] if entries else ""
            files = [_lake_file(key, entry) for key, entry in entries if counts(key)]
            yield Page(files, after if page["IsTruncated"] else None)

    def _try_reading(self, bucket: str, s3_key: str) -> None:
        try:
            with self._asking(f"read s3://{bucket}/{printable(s3_key)}", bucket, "s3:GetObject") as client:
                client.head_object(Bucket=bucket, Key=s3_key)
        except NoObjectError:
            pass  # deleted since it was listed: nobody can say whether it could have been read

    def _copy(self, file: LakeFile, target: BinaryIO, span: range | None = None) -> None:
        """Writes a version, or a span of its bytes, to a target, which is empty."""
        refuse_strange(file)
        for attempt in range(_BODY_ATTEMPTS):
            if attempt:
                target.seek(0)
                target.truncate()
            try:
                if self._try_copy(file, target, span, last=attempt == _BODY_ATTEMPTS - 1):
                    return
            except WrongVersionError:
                raise changed(file, self.location) from None
            except NoObjectError:
                raise gone(file, self.location) from None
            time.sleep(_BODY_PAUSE_SECONDS * 2**attempt)

    def _try_copy(self, file: LakeFile, target: BinaryIO, span: range | None, *, last: bool) -> bool:
        """Asks for a version once and writes what comes.

        Returns:
            Whether all of it came. If the answer broke off, the last attempt raises instead.
        """
        bucket, s3_key = self._address(file.key)
        doing = f"read s3://{bucket}/{printable(s3_key)}"
        with self._asking(doing, bucket, "s3:GetObject") as client:
            part = {"Range": f"bytes={span.start}-{span.stop - 1}"} if span else {}
            answer = client.get_object(Bucket=bucket, Key=s3_key, IfMatch=f'"{file.etag}"', **part)
        if _etag(answer) != file.etag:  # stores that do not know If-Match
            raise WrongVersionError
        try:
            with self._asking(doing, bucket, "s3:GetObject"), closing(answer["Body"]) as body:
                for chunk in body.iter_chunks(_CHUNK_BYTES):
                    target.write(chunk)
            expected = len(span) if span else file.size
            if target.tell() != expected:
                raise LakeError(f"cannot {doing}: {target.tell()} bytes came instead of {expected}. Try again")
        except LakeError:
            if last:
                raise
            return False
        return True


def _place(text: str) -> _Place:
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or not _BUCKET.fullmatch(bucket):
        # Not quoted: whoever writes s3://key:secret@bucket must not find that in a log.
        raise LakeError("a part of the lake is not of the form s3://bucket/prefix. Correct SPARKIFY_LAKE")
    prefix = prefix.strip("/")
    return _Place(bucket, f"{prefix}/" if prefix else "")


def _until_empty(waiting: "queue.SimpleQueue[_Task]") -> Iterator[_Task]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


def _etag(entry: dict[str, Any]) -> str:
    return str(entry.get("ETag", "")).strip('"')


def _lake_file(key: str, entry: dict[str, Any]) -> LakeFile:
    modified = entry.get("LastModified")
    return LakeFile(key, _etag(entry), int(entry["Size"]), modified.timestamp() if modified else 0.0)


def _is_folder_mark(entry: dict[str, Any]) -> bool:
    """Says whether an object is what consoles put down for an empty folder: it is no file to wonder about."""
    return entry["Key"].endswith("/") and entry["Size"] == 0
