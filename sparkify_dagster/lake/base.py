"""What every lake can do, whatever it is kept in.

What belongs here: the shapes that lakes hand out (a file, a listing), the protocol that they keep, and the wording of
the errors that all of them share. What does not: folders, S3, and the meaning of keys (``keys``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from sparkify_dagster.errors import FileChanged, LakeError
from sparkify_dagster.lake.keys import is_data
from sparkify_dagster.showing import printable

# Enough for a person to see what is wrong; a lake of a million strange keys must not fill the memory with their names.
MAX_IGNORED = 1000


@dataclass(frozen=True, slots=True, order=True)
class LakeFile:
    """One version of one file of the lake.

    Attributes:
        key: The file's name, relative to the lake and with its part ("log_data/2018/11/2018-11-01-events.json"),
            whatever place the part really lives in.
        etag: Opaque version of the content: equal as long as the content is, different when it changes.
        size: Size as stored (so compressed, if the file is), in bytes.
        modified: When it was last written, in seconds of Unix time, by the place's own clock; 0 where nobody says.
    """

    key: str
    etag: str
    size: int
    modified: float = field(default=0.0, compare=False)


class Listing(NamedTuple):
    """What a part of the lake holds.

    Attributes:
        files: The log or song files, sorted by key.
        ignored: Keys that are neither, sorted, for people to see: control characters are escaped, and at most
            ``MAX_IGNORED`` are kept.
    """

    files: list[LakeFile]
    ignored: list[str]


class Page(NamedTuple):
    """A piece of a listing that takes its time.

    Attributes:
        files: Log or song files, sorted by key, all after those of the page before.
        last: The key after which the next page begins, whatever lies there; None at the end.
    """

    files: list[LakeFile]
    last: str | None


class Lake(Protocol):
    """A place that holds log files and song files.

    All methods raise LakeError when the lake does not answer, or not fully: a partial listing is never returned.
    All may be called from several threads at once.

    Attributes:
        location: Where the lake is, for people; there are no credentials in it.
        requests_a_page: What a page of a listing costs: requests that somebody else answers, and is paid for.
    """

    location: str
    requests_a_page: int

    def log_months(self) -> list[str]:
        """Gives the months that hold at least one key of any kind, sorted; cheap, for the keys are not all listed."""
        ...

    def list_logs(self, month: str) -> Listing:
        """Lists the log files of one month.

        Raises:
            ValueError: The text is no month.
        """
        ...

    def list_songs(self) -> Listing:
        """Lists all song files."""
        ...

    def log_pages(self, after: str = "") -> Iterator[Page]:
        """Lists the log files of all months page by page, each when it is asked for; who has enough stops.

        Args:
            after: Where to begin: after this key, which need not be there.
        """
        ...

    def song_pages(self, after: str = "") -> Iterator[Page]:
        """Lists the song files in the same way."""
        ...

    def stat(self, key: str) -> LakeFile | None:
        """Says what the lake holds under a key now.

        Returns:
            The same that a listing would show, so None if the file is gone and None if the key is no log or song file.
        """
        ...

    def read(self, file: LakeFile) -> bytes:
        """Reads the whole content of exactly this version, as stored: gzip is not unpacked.

        Raises:
            FileChanged: The lake holds another version by now, or none.
        """
        ...

    def read_all(self, files: Sequence[LakeFile]) -> Iterator[bytes]:
        """Reads the contents of many small files, in their order, a few of them at a time: as ``read`` does, quicker.

        Raises:
            FileChanged: The lake holds another version of one of the files by now, or none.
        """
        ...

    def local_path(self, file: LakeFile) -> Path | None:
        """Gives the path at which the file can be read in place, None where there is none.

        The version is not looked at: who reads in place compares ``stat`` with the file before and afterwards.

        Raises:
            FileChanged: There is a place, but no file of the lake in it any more.
        """
        ...

    def address(self, file: LakeFile) -> str | None:
        """Gives the address "s3://bucket/key" at which others read the file, None where only this machine can.

        The version is not looked at.
        """
        ...

    def ends(self, file: LakeFile, length: int) -> tuple[bytes, bytes]:
        """Reads the beginning and the end of exactly this version, as stored.

        Args:
            file: The version to read.
            length: Number of bytes of each.

        Returns:
            The first and the last bytes; of a file that is no longer than both together, all and nothing.

        Raises:
            FileChanged: The lake holds another version by now, or none.
        """
        ...

    def fetch(self, files: Sequence[LakeFile], folder: Path) -> list[Path]:
        """Copies files into a folder of this machine, as stored: gzip is not unpacked.

        The copies have made-up names (000000.json, …; also for gzip), never names built from keys. The folder is made
        if need be. After an error its contents count for nothing, and the caller clears it away.

        Args:
            files: The versions to copy.
            folder: A folder that nothing else uses; files in it may be overwritten.

        Returns:
            The paths of the copies, in the order of the files.

        Raises:
            FileChanged: The lake holds another version of one of the files by now, or none.
        """
        ...

    def log_month_at(self, bucket: str, s3_key: str) -> str | None:
        """Says of which log month the log file is that lies at an address of S3; asks nobody.

        Args:
            bucket: Any text.
            s3_key: Any text.

        Returns:
            The month as "YYYY-MM", or None if this is not the address of a log file of this lake.
        """
        ...

    def check(self) -> str:
        """Says in one line for people that the lake answers, and how many months of logs it holds."""
        ...


def refuse_strange(file: LakeFile) -> None:
    """Refuses files with made-up keys: whatever is read has a key that a listing could have shown.

    Raises:
        LakeError: The key is that of no log or song file.
    """
    if not is_data(file.key):
        raise LakeError(f"refused to read {printable(file.key)!r}: this is not the key of a log file or song file")


def changed(file: LakeFile, location: str) -> FileChanged:
    """Words the error for a file that was overwritten since it was listed."""
    return FileChanged(
        f"{file.key} in {location} was overwritten after it had been listed; nothing of it was used. "
        "Run the load again: it takes the new version"
    )


def gone(file: LakeFile, location: str) -> FileChanged:
    """Words the error for a file that was deleted since it was listed."""
    return FileChanged(
        f"{file.key} in {location} is gone: it was deleted after it had been listed; nothing of it was used. "
        "Run the load again: it takes what the lake holds now"
    )


def answers(months: int) -> str:
    """Words what ``Lake.check`` says of a lake with so many months of logs."""
    return f"answers, {months} {'month' if months == 1 else 'months'} of logs"
