"""The bucket that the manifests of COPY, and what is packed for it, lie in for as long as a load takes.

What belongs here: making, closing and removing it. What doesn't: what is written there (``warehouse.redshift``).
"""

import json
from typing import Any

from sparkify_dagster.aws.services import BUCKETS
from sparkify_dagster.cluster.access import bucket_arn
from sparkify_dagster.cluster.resource import Found, Owner, Resource, tags_of
from sparkify_dagster.errors import SparkifyError

NO_BUCKET = ("404", "NoSuchBucket", "NotFound")
"""Codes of answers that mean that there is no such bucket."""

_DAYS_KEPT = 7
"""What a load leaves behind that is killed, the next one removes; what none removes goes after these days."""

_CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_KEYS_AT_ONCE = 1000


class Bucket(Resource):
    """The bucket.

    Args:
        owner: The platform.
        name: Its name.
        borrowed: Whether the settings name it: if it is there, and not the platform's own, it is taken as it is.
    """

    kind = "bucket"
    service = BUCKETS
    setting = "SPARKIFY_MANIFESTS"

    def __init__(self, owner: Owner, name: str, *, borrowed: bool) -> None:
        super().__init__(owner, name)
        self.borrowed = borrowed
        # A request to another account's bucket of that name is refused, whatever that would allow.
        self._named = {"Bucket": name, "ExpectedBucketOwner": owner.account.number}

    @property
    def costs(self) -> str | None:
        """What it costs."""
        return "storage of what a load leaves there, which is next to nothing"

    def look(self) -> Found | None:
        """Looks for it."""
        if self.ask("head_bucket", "s3:ListBucket", missing=NO_BUCKET, **self._named) is None:
            return None
        answer = self.ask("get_bucket_tagging", "s3:GetBucketTagging", missing=("NoSuchTagSet",), **self._named)
        return Found(tags_of((answer or {}).get("TagSet")))

    def make(self) -> None:
        """Makes it; the tags come with it, so that it is never there without them."""
        region = self.owner.account.region
        configuration: dict[str, Any] = {"Tags": self.tag_list()}
        if region != "us-east-1":
            configuration["LocationConstraint"] = region
        self.ask(
            "create_bucket",
            "s3:CreateBucket",
            doing=f"make the {self.title}",
            Bucket=self.name,
            ObjectOwnership="BucketOwnerEnforced",
            CreateBucketConfiguration=configuration,
        )
        # Once more, for what is only like S3 and leaves out tags that come with a bucket.
        self.ask(
            "put_bucket_tagging",
            "s3:PutBucketTagging",
            doing=f"tag the {self.title}",
            Tagging={"TagSet": self.tag_list()},
            **self._named,
        )
        self.adjust(Found(self.owner.tags))

    def differs(self, found: Found) -> tuple[str, ...]:
        """Whether it is closed, encrypted and emptied; one that others made is taken as it is."""
        if not found.belongs_to(self.owner.name):
            return ()
        blocked = self.ask(
            "get_public_access_block",
            "s3:GetBucketPublicAccessBlock",
            missing=("NoSuchPublicAccessBlockConfiguration",),
            **self._named,
        )
        encrypted = self.ask(
            "get_bucket_encryption",
            "s3:GetEncryptionConfiguration",
            missing=("ServerSideEncryptionConfigurationNotFoundError",),
            **self._named,
        )
        rules = self.ask(
            "get_bucket_lifecycle_configuration",
            "s3:GetLifecycleConfiguration",
            missing=("NoSuchLifecycleConfiguration",),
            **self._named,
        )
        policy = self.ask("get_bucket_policy", "s3:GetBucketPolicy", missing=("NoSuchBucketPolicy",), **self._named)
        others = {
            "block of public access": (blocked or {}).get("PublicAccessBlockConfiguration") != _CLOSED,
            "encryption": not encrypted,
            "lifecycle": [rule.get("ID") for rule in (rules or {}).get("Rules", [])] != [self._lifecycle()["ID"]],
            "policy": json.loads((policy or {}).get("Policy", "null")) != self._policy(),
        }
        return tuple(what for what, differs in others.items() if differs)

    def adjust(self, found: Found) -> None:
        """Closes it to the public and to connections without TLS, encrypts it, lets what is left behind expire."""
        self.ask(
            "put_public_access_block",
            "s3:PutBucketPublicAccessBlock",
            doing=f"close the {self.title} to the public",
            PublicAccessBlockConfiguration=_CLOSED,
            **self._named,
        )
        self.ask(
            "put_bucket_encryption",
            "s3:PutEncryptionConfiguration",
            doing=f"encrypt the {self.title}",
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            **self._named,
        )
        self.ask(
            "put_bucket_policy",
            "s3:PutBucketPolicy",
            doing=f"close the {self.title} to connections without TLS",
            Policy=json.dumps(self._policy()),
            **self._named,
        )
        self.ask(
            "put_bucket_lifecycle_configuration",
            "s3:PutLifecycleConfiguration",
            doing=f"let what is left in the {self.title} expire",
            LifecycleConfiguration={"Rules": [self._lifecycle()]},
            **self._named,
        )

    def remove(self) -> None:
        """Removes it, with all that is in it."""
        while True:
            listed = self.ask("list_object_versions", "s3:ListBucketVersions", MaxKeys=_KEYS_AT_ONCE, **self._named)
            objects = [
                {"Key": version["Key"], "VersionId": version["VersionId"]}
                for version in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))
            ]
            if not objects:
                break
            answer = self.ask(
                "delete_objects",
                "s3:DeleteObject",
                doing=f"empty the {self.title}",
                Delete={"Objects": objects, "Quiet": True},
                **self._named,
            )
            if left := answer.get("Errors"):
                raise SparkifyError(
                    f"cannot empty the {self.title}: S3 answers {left[0].get('Code')} for {left[0].get('Key')!r}. Give "
                    "the credentials in use the permissions s3:DeleteObject and s3:DeleteObjectVersion on it."
                )
        self.ask("delete_bucket", "s3:DeleteBucket", doing=f"remove the {self.title}", missing=NO_BUCKET, **self._named)

    def _lifecycle(self) -> dict[str, Any]:
        return {
            "ID": f"expire-after-{_DAYS_KEPT}-days",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": _DAYS_KEPT},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }

    def _policy(self) -> dict[str, Any]:
        bucket = bucket_arn(self.owner.account, self.name)
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OnlyByTLS",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket, f"{bucket}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
