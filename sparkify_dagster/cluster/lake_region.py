"""Whether Redshift can load the lake from where it will be.

What belongs here: that the lake's buckets are there and, as the manifests' one, in the region. What doesn't: what is in
them.
"""

from sparkify_dagster.aws.services import BUCKETS
from sparkify_dagster.cluster.account import Account
from sparkify_dagster.cluster.bucket import NO_BUCKET
from sparkify_dagster.errors import SparkifyError
from sparkify_dagster.settings.values import bucket_of


def check_lake(account: Account, lake: tuple[str, ...], manifests: str | None) -> None:
    """Checks that the lake is in the region, and the manifests, where they are to be in a bucket that is there.

    Args:
        account: The account, and the region that the warehouse is to be in.
        lake: The places of the lake.
        manifests: The place of the manifests; None where a bucket is made for them.

    Raises:
        SparkifyError: It is not, or can't be asked for; the message says what to do.
    """
    for bucket in sorted({bucket_of(place) for place in lake}):
        region = _region(account, bucket, "SPARKIFY_LAKE", missing=())
        if region != account.region:
            raise SparkifyError(
                f"the lake's bucket {bucket!r} is in {region}, and the warehouse would be in {account.region}: "
                f"Redshift loads from its own region only, so set AWS_DEFAULT_REGION={region}."
            )
    if manifests is None:
        return
    region = _region(account, bucket_of(manifests), "SPARKIFY_MANIFESTS", missing=NO_BUCKET)
    if region != account.region:
        raise SparkifyError(
            f"the bucket {bucket_of(manifests)!r} for the manifests is in {region}, and the warehouse would be in "
            f"{account.region}: let SPARKIFY_MANIFESTS name one in the warehouse's region."
        )


def _region(account: Account, bucket: str, setting: str, *, missing: tuple[str, ...]) -> str:
    # A wrong one is a setting's error, not the network's.
    region = account.region
    title = f"bucket {bucket!r}"
    answer = account.ask(
        BUCKETS,
        "head_bucket",
        "s3:ListBucket",
        doing=f"look at the {title}",
        place=title,
        setting=setting,
        missing=missing,
        Bucket=bucket,
    )
    return str((answer or {}).get("BucketRegion") or region)
