"""The platform's own place on S3: manifests, JSONPaths and packed rows, for COPY to read.

What belongs here: putting them there under names that no other transaction has, and taking them away. What doesn't:
what is in them.
"""

import json
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sparkify_dagster.aws.clients import LazyClient
from sparkify_dagster.aws.services import S3
from sparkify_dagster.errors import LakeError

_log = logging.getLogger(__name__)

_MOST_KEYS_A_REQUEST = 1_000


class ManifestPlace:
    """A prefix on S3 that is the platform's own.

    Args:
        place: The prefix, as ``s3://bucket/prefix``.
        client_factory: Makes a boto3 client for S3; called once, at the first use.
    """

    def __init__(self, place: str, client_factory: Callable[[], Any]) -> None:
        self._bucket, _, prefix = place.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = LazyClient(S3, client_factory)
        self._region: str | None = None

    @contextmanager
    def folder(self) -> Iterator["ManifestFolder"]:
        """A folder of its own for a transaction; what is in it is removed afterwards."""
        folder = ManifestFolder(self, f"{self._prefix}{uuid.uuid4().hex}/")
        try:
            yield folder
        finally:
            folder.clear()

    @property
    def region(self) -> str | None:
        """The region of the bucket, where S3 tells it."""
        if self._region is None:
            with self._asking("look at", "", "s3:ListBucket") as client:
                answer = client.head_bucket(Bucket=self._bucket)
            headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            self._region = str(answer.get("BucketRegion") or headers.get("x-amz-bucket-region") or "")
        return self._region or None

    def put(self, key: str, content: bytes | Path) -> str:
        """Writes an object, and gives its address."""
        with self._asking("write", key, "s3:PutObject") as client:
            if isinstance(content, Path):
                client.upload_file(str(content), self._bucket, key)
            else:
                client.put_object(Bucket=self._bucket, Key=key, Body=content)
        return f"s3://{self._bucket}/{key}"

    def remove(self, keys: Sequence[str]) -> None:
        """Removes objects."""
        for start in range(0, len(keys), _MOST_KEYS_A_REQUEST):
            named = [{"Key": key} for key in keys[start : start + _MOST_KEYS_A_REQUEST]]
            with self._asking("remove what was written to", self._prefix, "s3:DeleteObject") as client:
                client.delete_objects(Bucket=self._bucket, Delete={"Objects": named, "Quiet": True})

    @contextmanager
    def _asking(self, doing: str, key: str, permission: str) -> Iterator[Any]:
        doing, place = f"{doing} s3://{self._bucket}/{key}", f"bucket {self._bucket!r}"
        with self._client.asking(doing, place, permission, "SPARKIFY_MANIFESTS") as client:
            yield client


class ManifestFolder:
    """The objects of one transaction."""

    def __init__(self, place: ManifestPlace, prefix: str) -> None:
        self._place = place
        self._prefix = prefix
        self._keys: list[str] = []

    @property
    def region(self) -> str | None:
        """The region that they lie in."""
        return self._place.region

    def put(self, name: str, content: bytes | Path) -> str:
        """Writes an object under a name of its own, and gives its address."""
        key = f"{self._prefix}{len(self._keys):06}-{name}"
        self._keys.append(key)
        return self._place.put(key, content)

    def put_manifest(self, addresses: Sequence[str]) -> str:
        """Writes a manifest of files that must all be there, and gives its address."""
        entries = [{"url": address, "mandatory": True} for address in addresses]
        return self.put("manifest.json", json.dumps({"entries": entries}, indent=1).encode())

    def clear(self) -> None:
        """Removes them. What can't be removed is left to the bucket's lifecycle: it must not fail a load."""
        keys, self._keys = self._keys, []
        try:
            self._place.remove(keys)
        except LakeError as error:
            _log.warning("%s", error)
