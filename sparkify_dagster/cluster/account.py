"""The account of AWS that a platform is set up in, and how it is asked.

What belongs here: clients, and that whatever goes wrong is explained. What doesn't: which requests are made.
"""

from collections.abc import Callable, Collection
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

from sparkify_dagster.aws.clients import LazyClient, configured_region, make_client
from sparkify_dagster.aws.errors import Request, error_code, explaining, explaining_setup
from sparkify_dagster.aws.services import CLUSTERS, STS, Service
from sparkify_dagster.errors import SettingsError

_IDENTITY = "the identity of the AWS credentials"


class Account:
    """An account, and one of its regions.

    Args:
        client_factory: Makes a client for a service.
    """

    def __init__(self, client_factory: Callable[[Service], Any] = make_client) -> None:
        self._client_factory = client_factory
        self._clients: dict[Service, LazyClient] = {}

    @cached_property
    def region(self) -> str:
        """The region.

        Raises:
            SettingsError: None is set, or none of that name has Redshift.
        """
        with explaining_setup(STS):
            region = configured_region()
        if not region:
            raise SettingsError("no region is set: set AWS_DEFAULT_REGION to that of the lake, such as us-west-2.")
        known = _regions_of_redshift()
        if region not in known:
            near = get_close_matches(region, known, n=3) or sorted(known)[:3]
            raise SettingsError(
                f"AWS_DEFAULT_REGION is {region!r}, and there is no Redshift in such a region (or boto3 is too old to "
                f"know): it is like {', '.join(near)}."
            )
        return region

    @cached_property
    def number(self) -> str:
        """The account's number."""
        return str(self._identity["Account"])

    @property
    def partition(self) -> str:
        """What ARNs begin with after "arn:"; other than "aws" in China and for governments."""
        return str(self._identity["Arn"]).split(":")[1]

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """The ARN of something in this account."""
        return f"arn:{self.partition}:{service}:{self.region if regional else ''}:{self.number}:{resource}"

    def client(self, service: Service) -> LazyClient:
        """The client for a service; one for all who ask."""
        return self._clients.setdefault(service, LazyClient(service, lambda: self._client_factory(service)))

    def ask(
        self,
        service: Service,
        operation: str,
        permission: str,
        *,
        doing: str,
        place: str,
        setting: str,
        missing: Collection[str] = (),
        **parameters: Any,
    ) -> Any:
        """Makes a request.

        Args:
            service: Who is asked.
            operation: The method of boto3.
            permission: The permission that it needs.
            doing: What is attempted, to follow "cannot".
            place: What is asked for.
            setting: The option or setting that names it.
            missing: Codes of answers that mean: there is none.
            **parameters: The parameters, as AWS calls them.

        Returns:
            The answer; None where it is one of ``missing``.

        Raises:
            SparkifyError: There is no client or no proper answer.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 boto3 is imported where AWS is asked

        lazy = self.client(service)
        client = lazy.get()
        with explaining(Request(service, doing, place, permission, setting, lazy.endpoint)):
            try:
                return getattr(client, operation)(**parameters)
            except ClientError as error:
                if error_code(error) in missing:
                    return None
                raise

    @cached_property
    def _identity(self) -> dict[str, Any]:
        # Before anything is asked of a region that there is none of.
        _ = self.region
        # Needs no permission: whoever has credentials may ask whose they are.
        return self.ask(
            STS,
            "get_caller_identity",
            "sts:GetCallerIdentity",
            doing="ask whose the AWS credentials are",
            place=_IDENTITY,
            setting="AWS_PROFILE",
        )


@cache
def _regions_of_redshift() -> set[str]:
    from boto3.session import Session  # noqa: PLC0415

    session = Session()
    return {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(CLUSTERS.name, partition_name=partition)
    }
