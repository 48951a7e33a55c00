"""The services of AWS that the platform asks.

What belongs here: what is particular to each, so that making clients and wording errors is the same for all: what it
is called, how long it is waited for, which settings say where it is, and which error it gives.
What doesn't: buckets, queues and clusters, which come from the settings.
"""

from dataclasses import dataclass

from sparkify_dagster.errors import LakeError, SparkifyError, WarehouseError


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and how it is used.

    Attributes:
        name: What boto3 calls it.
        title: What people call it.
        error: What is raised where it gives no proper answer.
        found_by: The variables that say where it is.
        attempts: How often a request is sent, the first time included.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for more of an answer.
        connections: How many of them a client keeps.
    """

    name: str
    title: str
    error: type[SparkifyError]
    found_by: tuple[str, ...]
    attempts: int
    connect_timeout: int
    read_timeout: int
    connections: int = 10


# With 8 attempts, it takes some 35 s until a lake gives up. As many connections as threads that fetch its files, and
# some for others that use the same client.
S3 = Service(
    "s3",
    "S3",
    LakeError,
    ("AWS_ENDPOINT_URL_S3",),
    attempts=8,
    connect_timeout=5,
    read_timeout=60,
    connections=32,
)

# A tick has 60 s, and goes on without the queue: better none than one that is waited for.
SQS = Service(
    "sqs",
    "SQS",
    LakeError,
    ("SPARKIFY_EVENTS_QUEUE",),
    attempts=2,
    connect_timeout=3,
    read_timeout=6,
)

# A tick has 60 s, and the next one tries again.
SNS = Service(
    "sns",
    "SNS",
    SparkifyError,
    ("AWS_ENDPOINT_URL_SNS",),
    attempts=2,
    connect_timeout=3,
    read_timeout=6,
)


def _of_the_region(name: str, title: str, error: type[SparkifyError], *, attempts: int, read_timeout: int) -> Service:
    """A service that is where the region is."""
    return Service(
        name,
        title,
        error,
        ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"),
        attempts=attempts,
        connect_timeout=5,
        read_timeout=read_timeout,
    )


def _asked_to_log_in(name: str, title: str) -> Service:
    """A service that is asked while somebody waits for the warehouse."""
    return _of_the_region(name, title, WarehouseError, attempts=4, read_timeout=20)


REDSHIFT = _asked_to_log_in("redshift", "Redshift")
SERVERLESS = _asked_to_log_in("redshift-serverless", "Redshift Serverless")
SECRETS = _asked_to_log_in("secretsmanager", "Secrets Manager")


def _asked_to_set_up(name: str, title: str) -> Service:
    """A service that is asked while the platform is set up or taken down, and somebody watches."""
    return _of_the_region(name, title, SparkifyError, attempts=5, read_timeout=30)


IAM = _asked_to_set_up("iam", "IAM")
EC2 = _asked_to_set_up("ec2", "EC2")
STS = _asked_to_set_up("sts", "STS")
BUCKETS = _asked_to_set_up("s3", "S3")
CLUSTERS = _asked_to_set_up("redshift", "Redshift")
WORKGROUPS = _asked_to_set_up("redshift-serverless", "Redshift Serverless")
