"""A lake in folders of this machine.

What belongs here: listing, reading and copying files of local folders. What does not: which keys are log or song files
(``keys``), and what is in the files.

A link to a file inside the part counts as a file. Links that lead out of the part, nowhere, or to a folder do not count
(they are listed as ignored): the first would let a key read any file of the machine, the last would give the same
files twice, or without end.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path

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
)
from sparkify_dagster.showing import printable as shown

_CHUNK_BYTES = 1 << 20
_PAGE_KEYS = 1000

# What the system says of a name that is not there (any more), or that cannot be there at all.
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EILSEQ})


class FolderLake:
    """A lake whose parts are folders of this machine."""

    requests_a_page = 0

    def __init__(self, logs: Path, songs: Path, location: str) -> None:
        """Names the folders; they are looked at only when the lake is asked something.

        Args:
            logs: The folder with the years of log files.
            songs: The folder with the song files.
            location: Where the lake is, for people.
        """
        self.location = location
        # Absolute from the start: a process that changes its folder must not change its lake.
        self._roots = {LOG_PART: os.path.abspath(logs), SONG_PART: os.path.abspath(songs)}

    def __repr__(self) -> str:
        return f"FolderLake({self.location!r})"

    def log_months(self) -> list[str]:
        """See ``Lake.log_months``. Costs one look into each year and one into each month."""
        if not self._is_there(LOG_PART):
            return []
        months = []
        for year in _folders(self._roots[LOG_PART]):
            if is_year(year.name):
                months += [
                    f"{year.name}-{month.name}"
                    for month in _folders(year.path)
                    if is_month(f"{year.name}-{month.name}") and _holds_anything(month.path)
                ]
        return sorted(months)

    def list_logs(self, month: str) -> Listing:
        """See ``Lake.list_logs``."""
        folder = _month_folder(month)
        if link := self._link_above(folder):
            return Listing([], [link])
        return self._list(folder, is_log)

    def list_songs(self) -> Listing:
        """See ``Lake.list_songs``. Costs one stat for each file."""
        return self._list(SONG_PART, is_song)

    def log_pages(self, after: str = "") -> Iterator[Page]:
        """See ``Lake.log_pages``. Costs what ``log_months`` costs, and one stat for each file."""
        folders = map(_month_folder, self.log_months())
        return _pages(chain.from_iterable(self._found(folder, is_log, after) for folder in folders))

    def song_pages(self, after: str = "") -> Iterator[Page]:
        """See ``Lake.song_pages``. Costs one stat for each file."""
        return _pages(self._found(SONG_PART, is_song, after))

    def stat(self, key: str) -> LakeFile | None:
        """See ``Lake.stat``."""
        if not is_data(key):
            return None
        path = self._path(key)
        try:
            state = self._state(key, path)
        except OSError as error:
            if error.errno not in _ABSENT:
                raise _unreadable(path, error) from error
            # If the whole lake is away (a disk not mounted), that must not look like a file that somebody deleted.
            self._is_there(_part(key))
            return None
        return None if state is None else _lake_file(key, state)

    def read(self, file: LakeFile) -> bytes:
        """See ``Lake.read``."""
        return b"".join(self._chunks(file, -1))

    def read_all(self, files: Sequence[LakeFile]) -> Iterator[bytes]:
        """See ``Lake.read_all``. Looks once at each folder, where ``read`` does so for each file."""
        seen: set[str] = set()
        for file in files:
            folder = file.key.rpartition("/")[0]
            content = self._read_at_once(file) if folder in seen else None
            if content is None:
                # The first of a folder, a link, or one that is not what it was: with all care, and the right words.
                content = self.read(file)
                seen.add(folder)
            yield content

    def _read_at_once(self, file: LakeFile) -> bytes | None:
        """The content of a file in a folder that has been looked at; None where it is no plain file of this version."""
        refuse_strange(file)
        try:
            descriptor = os.open(self._path(file.key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            # One byte more than there should be: an end that has moved is seen.
            content = os.read(descriptor, file.size + 1)
            unchanged = len(content) == file.size and _etag(os.fstat(descriptor)) == file.etag
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return content if unchanged else None

    def local_path(self, file: LakeFile) -> Path | None:
        """See ``Lake.local_path``."""
        refuse_strange(file)
        path = self._path(file.key)
        try:
            if self._state(file.key, path) is None:
                raise changed(file, self.location)
        except OSError as error:
            if error.errno in _ABSENT:
                raise gone(file, self.location) from None
            raise _unreadable(path, error) from error
        return Path(path)

    def address(self, file: LakeFile) -> str | None:
        """See ``Lake.address``: there is none."""
        refuse_strange(file)
        return None

    def ends(self, file: LakeFile, length: int) -> tuple[bytes, bytes]:
        """See ``Lake.ends``."""
        content = self.read(file)
        return (content, b"") if len(content) <= 2 * length else (content[:length], content[-length:])

    def fetch(self, files: Sequence[LakeFile], folder: Path) -> list[Path]:
        """See ``Lake.fetch``."""
        paths = copy_paths(folder, len(files))
        for file, path in zip(files, paths, strict=True):
            with writing(path) as target:
                for chunk in self._chunks(file, _CHUNK_BYTES):
                    target.write(chunk)
        return paths

    def log_month_at(self, bucket: str, s3_key: str) -> str | None:
        """See ``Lake.log_month_at``: nothing of it lies there."""
        return None

    def check(self) -> str:
        """See ``Lake.check``."""
        months = self.log_months()
        missing = [self._roots[part] for part in self._roots if not self._is_there(part)]
        if not missing:
            _entries(self._roots[SONG_PART])
        return "; ".join([answers(len(months)), *(f"there is no folder {folder}" for folder in missing)])

    def _path(self, key: str) -> str:
        """Gives the path of a key that has been checked, or of one of the part's own folders."""
        part = _part(key)
        return self._roots[part] + key[len(part) :].replace("/", os.sep)

    def _is_there(self, part: str) -> bool:
        """Says whether the part's folder is there.

        Raises:
            LakeError: Neither part is there, so this is no lake; or something else is in the folder's place.
        """
        if _is_folder(self._roots[part]):
            return True
        if not any(_is_folder(root) for root in self._roots.values()):
            raise LakeError(
                f"there is no lake at {self.location}: neither {self._roots[LOG_PART]} nor {self._roots[SONG_PART]} "
                "is there. Make one with `sparkify generate`, or set SPARKIFY_LAKE to the place of yours"
            )
        return False

    def _link_above(self, folder_key: str) -> str | None:
        """Gives the month's folder, or its year's, if it is a link."""
        year = folder_key.rpartition("/")[0]
        return next((folder for folder in (year, folder_key) if os.path.islink(self._path(folder))), None)

    def _list(self, folder_key: str, counts: Callable[[str], bool]) -> Listing:
        """Lists everything below a folder of the lake."""
        files: list[LakeFile] = []
        ignored: list[str] = []
        for key, file in self._found(folder_key, counts, ""):
            if file is not None:
                files.append(file)
            elif len(ignored) < MAX_IGNORED:
                ignored.append(shown(key))
        return Listing(files, sorted(ignored))

    def _found(
        self, folder_key: str, counts: Callable[[str], bool], after: str
    ) -> Iterator[tuple[str, LakeFile | None]]:
        """Gives everything below a folder of the lake in the order of the keys; None for what is no file of it."""
        root = self._roots[_part(folder_key)]
        # The last is the first by key; a folder's key ends in "/", by which its files' keys are in order.
        waiting: list[tuple[str, str, os.DirEntry[str] | None]] = []
        if self._is_there(_part(folder_key)):
            waiting.append((f"{folder_key}/", self._path(folder_key), None))
        while waiting:
            key, path, entry = waiting.pop()
            try:
                if not key.endswith("/"):
                    if key > after and entry is not None:
                        own = counts(key) and _is_own_file(entry, root)
                        yield key, _lake_file(key, entry.stat()) if own else None
                elif key > after or after.startswith(key):
                    inside = [(key + _name_in_order(below), below.path, below) for below in _entries(path)]
                    waiting += sorted(inside, key=itemgetter(0), reverse=True)
            except OSError as error:
                # Whatever disappears while it is listed is simply not there.
                if error.errno not in _ABSENT:
                    raise _unreadable(path, error) from error

    def _state(self, key: str, path: str) -> os.stat_result | None:
        """Looks at a checked key's file as a listing would see it.

        Every folder of the key is looked at for links, since that costs a tenth of resolving the path.

        Returns:
            The file's state, or None if what is there does not count as a file of the lake.

        Raises:
            OSError: There is nothing, or it cannot be looked at.
        """
        root = self._roots[_part(key)]
        folder = root
        for name in key.split("/")[1:-1]:
            folder = f"{folder}{os.sep}{name}"
            if stat.S_ISLNK(os.lstat(folder).st_mode):
                return None
        state = os.lstat(path)
        if stat.S_ISLNK(state.st_mode):
            if not _leads_inside(path, root):
                return None
            state = os.stat(path)
        return state if stat.S_ISREG(state.st_mode) else None

    def _chunks(self, file: LakeFile, size: int) -> Iterator[bytes]:
        """Reads a version in chunks of so many bytes, or in one (-1).

        Raises:
            FileChanged: At the beginning or at the end, so nothing that was read counts before the last chunk has come.
        """
        refuse_strange(file)
        held = self.stat(file.key)
        if held is None:
            raise gone(file, self.location)
        if held != file:
            raise changed(file, self.location)
        path = self._path(file.key)
        try:
            with open(path, "rb") as stream:
                while chunk := stream.read(size):
                    yield chunk
                # Of the open file, not of the path: whatever lies there by now, this is what was read.
                after = os.fstat(stream.fileno())
        except FileNotFoundError:
            raise gone(file, self.location) from None
        except OSError as error:
            raise _unreadable(path, error) from error
        if _etag(after) != file.etag:
            raise changed(file, self.location)


def _pages(found: Iterator[tuple[str, LakeFile | None]]) -> Iterator[Page]:
    while True:
        some = list(islice(found, _PAGE_KEYS))
        whole = len(some) == _PAGE_KEYS
        yield Page([file for _, file in some if file is not None], some[-1][0] if whole else None)
        if not whole:
            return


def _part(key: str) -> str:
    return key.partition("/")[0]


def _etag(state: os.stat_result) -> str:
    # Time of change and size, as make and rsync see a change: a hash of the content would mean reading the whole lake
    # for each listing. It misses a change that keeps the size and either puts the old time back or falls into the same
    # tick of the file system's clock (some milliseconds). It takes a file that was only touched for a new version, and
    # that costs a load which changes nothing.
    return f"{state.st_mtime_ns:x}-{state.st_size:x}"


def _lake_file(key: str, state: os.stat_result) -> LakeFile:
    return LakeFile(key, _etag(state), state.st_size, state.st_mtime)


def _is_folder(path: str) -> bool:
    """Says whether a folder is there; raises LakeError if something else is, or if it may not be looked at."""
    try:
        state = os.stat(path)
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise _unreadable(path, error) from error
    if not stat.S_ISDIR(state.st_mode):
        raise LakeError(f"{path} is not a folder. Set SPARKIFY_LAKE to the folder that holds the lake")
    return True


def _entries(path: str) -> list[os.DirEntry[str]]:
    """Looks into a folder; one that disappeared is empty."""
    try:
        with os.scandir(path) as entries:
            return list(entries)
    except OSError as error:
        if error.errno in _ABSENT:
            return []
        raise _unreadable(path, error) from error


def _folders(path: str) -> list[os.DirEntry[str]]:
    return [entry for entry in _entries(path) if entry.is_dir(follow_symlinks=False)]


def _holds_anything(path: str) -> bool:
    """Says whether there is at least one file of any kind anywhere below a folder."""
    folders = [path]
    while folders:
        for entry in _entries(folders.pop()):
            if not entry.is_dir(follow_symlinks=False):
                return True
            folders.append(entry.path)
    return False


def _name_in_order(entry: os.DirEntry[str]) -> str:
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _month_folder(month: str) -> str:
    """Gives the folder of a month; raises ValueError where the text is none."""
    year, number = check_month(month).split("-")
    return f"{LOG_PART}/{year}/{number}"


def _is_own_file(entry: os.DirEntry[str], root: str) -> bool:
    """Says whether an entry is a file (no pipe, no device), or a link to one inside the part."""
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    return _leads_inside(entry.path, root) and entry.is_file()


def _leads_inside(link: str, root: str) -> bool:
    return os.path.realpath(link).startswith(os.path.join(os.path.realpath(root), ""))


def _unreadable(path: str, error: OSError) -> LakeError:
    return LakeError(
        f"cannot read {shown(path)}: {error.strerror or error}. "
        "See that the user who runs this may read the lake, and that its disk is mounted and sound"
    )
