"""The platform's own place on S3: manifests, JSONPaths and packed rows, for COPY to read.

What belongs here: putting them there under names that no other transaction has, and taking them away. What doesn't:
what is in them.
"""

import hashlib
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
        owner: The warehouse that it serves; others may share the prefix.
        client_factory: Makes a boto3 client for S3; called once, at the first use.
    """

    def __init__(self, place: str, owner: str, client_factory: Callable[[], Any]) -> None:
        self._bucket, _, prefix = place.removeprefix("s3://").partition("/")
        own = hashlib.sha256(owner.encode()).hexdigest()[:16]
        self._prefix = f"{prefix.strip('/')}/{own}/".removeprefix("/")
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

    def keys(self) -> list[str]:
        """The keys of all objects that were put there and not removed."""
        with self._asking("list", self._prefix, "s3:ListBucket") as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    @contextmanager
    def _asking(self, doing: str, key: str, permission: str) -> Iterator[Any]:
        doing, place = f"{doing} s3://{self._bucket}/{key}", f"bucket {self._bucket!r}"
        with self._client.asking(doing, place, permission, "SPARKIFY_MANIFESTS") as client:
            yield client


class ManifestFolder:
    """The objects of one transaction, which holds the warehouse's lock once it puts the first."""

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
        if not self._keys:
            self._remove_abandoned()
        key = f"{self._prefix}{len(self._keys):06}-{name}"
        self._keys.append(key)
        return self._place.put(key, content)

    def put_manifest(self, addresses: Sequence[str]) -> str:
        """Writes a manifest of files that must all be there, and gives its address."""
        entries = [{"url": address, "mandatory": True} for address in addresses]
        return self.put("manifest.json", json.dumps({"entries": entries}, indent=1).encode())

    def clear(self) -> None:
        """Removes them. What can't be removed is left to the next transaction: it must not fail a load."""
        keys, self._keys = self._keys, []
        with _said_only():
            self._place.remove(keys)

    def _remove_abandoned(self) -> None:
        """Removes what transactions left that were cut off: under the lock, no other one is alive."""
        with _said_only():
            if keys := self._place.keys():
                _log.info("removing %d objects that a load which was cut off has left", len(keys))
                self._place.remove(keys)


@contextmanager
def _said_only() -> Iterator[None]:
    try:
        yield
    except LakeError as error:
        _log.warning("%s", error)
