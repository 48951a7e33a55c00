"""A second look at files that were read in place, or by others.

What belongs here: that look. What doesn't: files fetched from S3, which are fetched by their etag.
"""

from collections.abc import Sequence

from sparkify_dagster.lake.base import Lake, LakeFile, changed, gone
from sparkify_dagster.lake.keys import month_of


def verify_unchanged(lake: Lake, file: LakeFile) -> None:
    """Makes sure that the lake still holds the version of a file that was read in place.

    Raises:
        FileChanged: It doesn't.
    """
    if lake.local_path(file) is not None:
        _compare(lake, file, lake.stat(file.key))


def verify_logs_unchanged(lake: Lake, files: Sequence[LakeFile]) -> None:
    """Makes sure that the lake still holds the versions of log files that others have read: COPY knows no etags.

    Costs a listing of each month, whatever the number of files.

    Raises:
        FileChanged: It doesn't.
    """
    months = sorted({month for file in files if (month := month_of(file.key)) is not None})
    now = {file.key: file for month in months for file in lake.list_logs(month).files}
    for file in files:
        _compare(lake, file, now.get(file.key))


def _compare(lake: Lake, file: LakeFile, now: LakeFile | None) -> None:
    if now is None:
        raise gone(file, lake.location)
    if now != file:
        raise changed(file, lake.location)
