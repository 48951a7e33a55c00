"""Reading S3 the way COPY does.

What belongs here: getting and listing objects over HTTP, from a server that stands in for S3. What doesn't: what is in
the objects. Signatures are not made and permissions not asked for.
"""

import http.client
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from sparkify_dagster_tests.redshift.errors import ServerError

_SECONDS = 60
_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=redshift/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)


class Storage:
    """S3 at an endpoint, addressed by path."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, bucket: str, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            ObjectMissing: It isn't there.
            ServerError: It can't be read.
        """
        return self._get(f"/{bucket}/{urllib.parse.quote(key)}", f"s3://{bucket}/{key}")

    def list(self, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
        """The objects whose keys begin with a prefix, sorted: key and size."""
        query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"}
        while True:
            path = f"/{bucket}?{urllib.parse.urlencode(query)}"
            root = ET.fromstring(self._get(path, f"s3://{bucket}/{prefix}"))
            for element in root.iter():
                element.tag = element.tag.rpartition("}")[2]
            for contents in root.iter("Contents"):
                key = urllib.parse.unquote_plus(contents.findtext("Key", ""))
                yield key, int(contents.findtext("Size", "0"))
            token = root.findtext("NextContinuationToken")
            if not token:
                return
            query["continuation-token"] = token

    def region(self, bucket: str) -> str:
        """The region of a bucket."""
        root = ET.fromstring(self._get(f"/{bucket}?location", f"s3://{bucket}"))
        return root.text or "us-east-1"

    def _get(self, path: str, name: str) -> bytes:
        request = urllib.request.Request(self._endpoint + path, headers={"Authorization": _AUTHORIZATION})
        try:
            with self._opener.open(request, timeout=_SECONDS) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            raise _refused(error, name) from None
        except (OSError, http.client.HTTPException) as error:
            raise ServerError("XX000", "S3CurlException: Couldn't connect to server", f"{name}: {error}") from None


def split_address(address: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


class ObjectMissing(ServerError):
    """There is no such object."""

    def __init__(self, name: str) -> None:
        message = f"The specified S3 object '{name}' does not exist"
        super().__init__("XX000", message, f"\n  error:  {message}\n  code:      8001\n")


def _refused(error: urllib.error.HTTPError, name: str) -> ServerError:
    with error:
        body = error.read()
    try:
        code = ET.fromstring(body).findtext("Code") or ""
    except ET.ParseError:
        code = ""
    if code == "NoSuchKey":
        return ObjectMissing(name)
    return ServerError(
        "XX000",
        f"S3ServiceException:{error.reason},Status {error.code},Error {code or error.reason}",
        f"\n  error:  S3ServiceException:{error.reason},Status {error.code},Error {code}\n"
        f"  code:      8001\n  context:   reading {name}\n",
    )
