"""Clients for the services of AWS.

What belongs here: how a client is set up, when it is made, and that whatever goes wrong with it is explained.
What doesn't: the words for that (``errors``), and the requests.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from sparkify_dagster.aws.errors import Request, explaining, explaining_setup
from sparkify_dagster.aws.services import S3, Service
from sparkify_dagster.showing import without_login

if TYPE_CHECKING:
    from botocore.config import Config


def client_config(service: Service, attempts: int | None = None) -> "Config":
    """Gives botocore's settings for a client that can be relied on.

    "standard" retries what may pass (SlowDown, 5xx, broken connections) with random and growing pauses of up to 20 s,
    and nothing else: a 403 comes out at once.

    Args:
        service: What the client is for.
        attempts: How often a request is sent, the first time included; by default as often as is good for the service.
    """
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts or service.attempts},
        connect_timeout=service.connect_timeout,
        read_timeout=service.read_timeout,
        max_pool_connections=service.connections,
        tcp_keepalive=True,
    )


def make_client(service: Service, *, region: str | None = None, endpoint: str | None = None) -> Any:
    """Makes a client from what boto3 finds in the surroundings (AWS_PROFILE, AWS_ENDPOINT_URL, a role, …).

    Args:
        service: What it is for.
        region: The region, where it is not that of the surroundings.
        endpoint: The address, where it is not that of the surroundings.
    """
    from boto3.session import Session

    return Session().client(service.name, region_name=region, endpoint_url=endpoint, config=client_config(service))


def s3_client() -> Any:
    """Makes a client for S3 from what boto3 finds in the surroundings."""
    return make_client(S3)


def configured_region() -> str | None:
    """Gives the region of the surroundings, None where there is none."""
    from boto3.session import Session

    return Session().region_name


class LazyClient:
    """A client that is made when it is first needed, and once, however many threads ask.

    Args:
        service: What it is for.
        factory: Makes it; by default ``make_client``.
    """

    def __init__(self, service: Service, factory: Callable[[], Any] | None = None) -> None:
        self._service = service
        self._factory = factory or partial(make_client, service)
        self._made: Any = None
        self._lock = threading.Lock()

    def get(self) -> Any:
        """The client.

        Raises:
            SparkifyError: It cannot be made; of the service's kind, unless the factory raises one itself.
        """
        with self._lock:
            if self._made is None:
                with explaining_setup(self._service):
                    self._made = self._factory()
            return self._made

    @property
    def endpoint(self) -> str:
        """The address that it asks, without user and password."""
        return without_login(str(self.get().meta.endpoint_url))

    @contextmanager
    def asking(self, doing: str, place: str, permission: str, setting: str) -> Iterator[Any]:
        """Hands out the client for a request, and explains what goes wrong with it.

        Args:
            doing: What is attempted, to follow "cannot".
            place: What is asked for ("bucket 'lake'").
            permission: The permission that it needs ("s3:ListBucket").
            setting: The setting that names the place.

        Raises:
            SparkifyError: There is no client or no proper answer; of the service's kind.
        """
        client = self.get()
        with explaining(Request(self._service, doing, place, permission, setting, self.endpoint)):
            yield client
