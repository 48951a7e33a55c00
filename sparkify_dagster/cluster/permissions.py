"""What the people and machines must be allowed on AWS that run the commands, as IAM policies.

What belongs here: for each command, the actions that it takes and on what. What doesn't: what Redshift itself may do,
which is in the role that is made (``access``).

The tests hold these to the requests that the commands make. Beside those there are actions that AWS checks of whoever
makes a request, though it is itself that takes them: the tags that come with a resource, the secret of a password that
it manages, the network of a cluster.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sparkify_dagster.cluster.access import REDSHIFT, SERVERLESS, bucket_arn, objects_arn, read_all_arn
from sparkify_dagster.cluster.platform import Platform
from sparkify_dagster.settings.cluster import ClusterSettings

_ANY = "*"
_PRINCIPALS = [REDSHIFT, SERVERLESS]


@dataclass(frozen=True, slots=True)
class Grant:
    """What is allowed on what.

    Attributes:
        sid: What it is for, in one word.
        actions: The actions.
        resources: The ARNs.
        condition: When.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    condition: dict[str, Any] | None = None

    def statement(self) -> dict[str, Any]:
        """As IAM takes it."""
        written: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": sorted(self.actions),
            "Resource": sorted(set(self.resources)),
        }
        return written if self.condition is None else {**written, "Condition": self.condition}


class _Places:
    """The ARNs of what a platform is made of."""

    def __init__(self, platform: Platform, settings: ClusterSettings) -> None:
        account, name = platform.owner.account, platform.owner.name
        self.serverless = platform.owner.kind == "serverless"
        self.role = platform.role.arn
        self.bucket = bucket_arn(account, platform.manifests)
        self.manifests = objects_arn(account, platform.manifests)
        self.lake_buckets = [bucket_arn(account, place) for place in settings.lake]
        self.lake = [objects_arn(account, place) for place in settings.lake]
        self.security_groups = account.arn("ec2", "security-group/*")
        self.vpcs = account.arn("ec2", "vpc/*")
        self.read_all = read_all_arn(account)
        self.redshift = [
            account.arn("redshift", f"cluster:{name}"),
            account.arn("redshift", f"parametergroup:{name}-tls"),
            account.arn("redshift", f"snapshot:{name}/*"),
            account.arn("redshift", f"subnetgroup:{name}"),
        ]
        self.secret = account.arn("secretsmanager", "secret:redshift!*")


def policy_for(command: str, platform: Platform, settings: ClusterSettings) -> dict[str, Any]:
    """The policy that a command needs.

    Args:
        command: One of ``COMMANDS``.
        platform: The platform, there or not.
        settings: What it is made of.
    """
    grants = COMMANDS[command](_Places(platform, settings))
    return {"Version": "2012-10-17", "Statement": [grant.statement() for grant in grants if grant.resources]}


def _look(places: _Places) -> list[Grant]:
    redshift = [
        "redshift:DescribeClusterParameterGroups",
        "redshift:DescribeClusterSubnetGroups",
        "redshift:DescribeClusters",
    ]
    serverless = [
        "redshift-serverless:GetNamespace",
        "redshift-serverless:GetWorkgroup",
        "redshift-serverless:ListTagsForResource",
        "redshift-serverless:ListUsageLimits",
    ]
    return [
        Grant("LookAtRole", ["iam:GetRole"], [places.role]),
        Grant("LookAtBucket", ["s3:GetBucketTagging", "s3:ListBucket"], [places.bucket]),
        # AWS knows no single resources for these.
        Grant(
            "LookAtTheRest",
            ["ec2:DescribeSecurityGroups", *redshift, *(serverless if places.serverless else [])],
            [_ANY],
        ),
    ]


def _status(places: _Places) -> list[Grant]:
    # Where there is nothing yet, it is looked at as if it were a cluster.
    serverless = ["redshift-serverless:ListSnapshots"] if places.serverless else []
    return [*_look(places), Grant("LookAtSnapshots", ["redshift:DescribeClusterSnapshots", *serverless], [_ANY])]


def _create(places: _Places) -> list[Grant]:
    return [
        *_look(places),
        Grant("LookAtLake", ["s3:ListBucket"], places.lake_buckets),
        Grant(
            "MakeRole",
            [
                "iam:CreateRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UpdateAssumeRolePolicy",
            ],
            [places.role],
        ),
        Grant(
            "LetRoleReadAllBuckets",
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            [places.role],
            {"ArnEquals": {"iam:PolicyARN": places.read_all}},
        ),
        Grant(
            "HandRoleToRedshift",
            ["iam:PassRole"],
            [places.role],
            {"StringEquals": {"iam:PassedToService": _PRINCIPALS}},
        ),
        Grant(
            "LetRedshiftHaveItsOwnRole",
            ["iam:CreateServiceLinkedRole"],
            [_ANY],
            {"StringLike": {"iam:AWSServiceName": _PRINCIPALS}},
        ),
        Grant(
            "MakeBucket",
            [
                "s3:CreateBucket",
                "s3:GetBucketPolicy",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPolicy",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketTagging",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:TagResource",
            ],
            [places.bucket],
        ),
        Grant(
            "LookAtNetwork",
            [
                "ec2:DescribeAccountAttributes",
                "ec2:DescribeAddresses",
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInternetGateways",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            [_ANY],
        ),
        Grant(
            "MakeSecurityGroup",
            [
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:CreateSecurityGroup",
                "ec2:CreateTags",
                "ec2:RevokeSecurityGroupIngress",
            ],
            [places.security_groups, places.vpcs],
        ),
        _make_warehouse(places),
        # What AWS asks of whoever lets it manage a password: https://docs.aws.amazon.com/redshift/latest/mgmt/
        # redshift-secrets-manager-integration.html
        Grant(
            "LetRedshiftKeepItsPassword",
            [
                "secretsmanager:CreateSecret",
                "secretsmanager:DescribeSecret",
                "secretsmanager:RotateSecret",
                "secretsmanager:TagResource",
                "secretsmanager:UpdateSecret",
            ],
            [places.secret],
        ),
        Grant("LetRedshiftMakeUpAPassword", ["secretsmanager:GetRandomPassword"], [_ANY]),
    ]


def _make_warehouse(places: _Places) -> Grant:
    if places.serverless:
        return Grant(
            "MakeWarehouse",
            [
                "redshift-serverless:CreateNamespace",
                "redshift-serverless:CreateUsageLimit",
                "redshift-serverless:CreateWorkgroup",
                "redshift-serverless:TagResource",
                "redshift-serverless:UpdateNamespace",
                "redshift-serverless:UpdateUsageLimit",
                "redshift-serverless:UpdateWorkgroup",
            ],
            # A usage limit has no ARN that could be named before it is there.
            [_ANY],
        )
    return Grant(
        "MakeWarehouse",
        [
            "redshift:CreateCluster",
            "redshift:CreateClusterParameterGroup",
            "redshift:CreateClusterSubnetGroup",
            "redshift:CreateTags",
            "redshift:DescribeClusterParameters",
            "redshift:ModifyCluster",
            "redshift:ModifyClusterIamRoles",
            "redshift:ModifyClusterParameterGroup",
            "redshift:ModifyClusterSubnetGroup",
        ],
        places.redshift,
    )


def _pause(places: _Places) -> list[Grant]:
    return [*_look(places), Grant("Pause", ["redshift:PauseCluster"], places.redshift[:1])]


def _resume(places: _Places) -> list[Grant]:
    return [*_look(places), Grant("Resume", ["redshift:ResumeCluster"], places.redshift[:1])]


def _destroy(places: _Places) -> list[Grant]:
    warehouse = Grant(
        "RemoveWarehouse",
        [
            "redshift:CreateClusterSnapshot",
            "redshift:CreateTags",
            "redshift:DeleteCluster",
            "redshift:DeleteClusterParameterGroup",
            "redshift:DeleteClusterSnapshot",
            "redshift:DeleteClusterSubnetGroup",
        ],
        places.redshift,
    )
    if places.serverless:
        warehouse = Grant(
            "RemoveWarehouse",
            [
                "redshift-serverless:CreateSnapshot",
                "redshift-serverless:DeleteNamespace",
                "redshift-serverless:DeleteSnapshot",
                "redshift-serverless:DeleteUsageLimit",
                "redshift-serverless:DeleteWorkgroup",
                "redshift-serverless:TagResource",
            ],
            [_ANY],
        )
    return [
        *_status(places),
        warehouse,
        Grant("RemovePassword", ["secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret"], [places.secret]),
        Grant("RemoveSecurityGroup", ["ec2:DeleteSecurityGroup"], [places.security_groups]),
        Grant("RemoveBucket", ["s3:DeleteBucket", "s3:ListBucketVersions"], [places.bucket]),
        Grant("EmptyBucket", ["s3:DeleteObject", "s3:DeleteObjectVersion"], [f"{places.bucket}/*"]),
        Grant(
            "RemoveRole",
            [
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListRolePolicies",
                # IAM looks whether an instance hangs on the role.
                "iam:ListInstanceProfilesForRole",
            ],
            [places.role],
        ),
    ]


def _load(places: _Places) -> list[Grant]:
    return [
        Grant("ReadLake", ["s3:GetObject"], places.lake),
        Grant("ListLakeAndManifests", ["s3:ListBucket"], [*places.lake_buckets, places.bucket]),
        Grant("WriteManifests", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [places.manifests]),
        Grant("LogIn", ["secretsmanager:GetSecretValue"], [places.secret]),
    ]


COMMANDS: dict[str, Callable[[_Places], list[Grant]]] = {
    "create": _create,
    "status": _status,
    "pause": _pause,
    "resume": _resume,
    "destroy": _destroy,
    "load": _load,
}
"""The commands that have a policy; ``load`` is for the platform itself, while it runs."""
