"""What Redshift may do on AWS: who may take on the role, and what that may read and write.

What belongs here: the policy documents of the role. What doesn't: what people need who run the commands
(``permissions``), and making the role (``role``).
"""

from typing import Any

from sparkify_dagster.cluster.account import Account
from sparkify_dagster.cluster.resource import Owner
from sparkify_dagster.settings.values import bucket_of

# No region in the names: a service's principal is the same in all partitions.
REDSHIFT = "redshift.amazonaws.com"
SERVERLESS = "redshift-serverless.amazonaws.com"

_READ_ALL_POLICY = "AmazonS3ReadOnlyAccess"
_VERSION = "2012-10-17"


def trust(owner: Owner) -> dict[str, Any]:
    """Who may take on the role: Redshift, for the users of this warehouse alone.

    Redshift gives the database user as the external ID:
    https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service-database-users.html
    """
    account = owner.account
    warehouses = [owner.name]
    if owner.kind == "serverless":
        # Older and newer descriptions differ in what a workgroup is called there.
        warehouses.append(f"serverless-{account.number}-*")
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": _principals(owner)},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringLike": {
                        "sts:ExternalId": [account.arn("redshift", f"dbuser:{warehouse}/*") for warehouse in warehouses]
                    }
                },
            }
        ],
    }


def lake_access(owner: Owner, lake: tuple[str, ...], manifests: str) -> dict[str, Any]:
    """What the role may: read the lake, read and write the manifests, list both.

    Args:
        owner: The platform.
        lake: The places of the lake: ``s3://bucket/prefix``.
        manifests: The place of the manifests.
    """
    account = owner.account
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Sid": "ReadLake",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": sorted(objects_arn(account, place) for place in lake),
            },
            {
                "Sid": "ReadAndWriteManifests",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": objects_arn(account, manifests),
            },
            {
                "Sid": "ListBoth",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
                "Resource": sorted({bucket_arn(account, place) for place in (*lake, manifests)}),
            },
        ],
    }


def _principals(owner: Owner) -> str | list[str]:
    return [REDSHIFT, SERVERLESS] if owner.kind == "serverless" else REDSHIFT


def bucket_arn(account: Account, place: str) -> str:
    """The ARN of the bucket of a place, ``s3://bucket/prefix``."""
    return f"arn:{account.partition}:s3:::{bucket_of(place)}"


def objects_arn(account: Account, place: str) -> str:
    """The ARN of all objects of a place."""
    return f"arn:{account.partition}:s3:::{place.removeprefix('s3://')}/*"


def read_all_arn(account: Account) -> str:
    """The ARN of AWS's own policy that lets a role read all buckets."""
    return f"arn:{account.partition}:iam::aws:policy/{_READ_ALL_POLICY}"
