"""What `sparkify cluster create` makes, as AWS holds it then, and what it makes good."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sparkify_dagster.aws.services import BUCKETS, CLUSTERS, EC2, IAM, SECRETS
from sparkify_dagster.settings import read_settings
from sparkify_dagster_tests.cluster.cloud import LAKE, Cloud, security_groups
from sparkify_dagster_tests.cluster.moto_more import ACCOUNT, LOOKS, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/sparkify-redshift"
MANIFESTS = f"sparkify-manifests-{ACCOUNT}-{REGION}"
TAGS = {"sparkify:platform": "sparkify", "sparkify:kind": "provisioned", "sparkify:region": REGION}


def in_subnets_of(cloud: Cloud, vpc: str, block: str) -> str:
    return cloud.ask(EC2, "create_subnet", VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]


@pytest.fixture
def other_vpc(cloud: Cloud) -> Any:
    """Another VPC than the default one, and two subnets of it."""
    vpc = cloud.ask(EC2, "create_vpc", CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnets = [in_subnets_of(cloud, vpc, block) for block in ("10.77.0.0/24", "10.77.1.0/24")]
    yield vpc, sorted(subnets)
    for group in security_groups():
        if group.vpc_id == vpc:
            cloud.redshift.clusters.clear()
            cloud.redshift.lingering.clear()
            cloud.ask(EC2, "delete_security_group", GroupId=group.id)
    for subnet in subnets:
        cloud.ask(EC2, "delete_subnet", SubnetId=subnet)
    cloud.ask(EC2, "delete_vpc", VpcId=vpc)


def test_redshift_alone_may_take_on_the_role_and_only_for_users_of_this_cluster(cloud: Cloud) -> None:
    cloud.create()

    (statement,) = cloud.holds()["roles"]["sparkify-redshift"]["trust"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": "redshift.amazonaws.com"}
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"] == {
        "StringLike": {"sts:ExternalId": [f"arn:aws:redshift:{REGION}:{ACCOUNT}:dbuser:sparkify/*"]}
    }


def test_the_role_reads_the_lakes_prefixes_and_writes_below_the_manifests_and_nothing_else(cloud: Cloud) -> None:
    lake = {
        "SPARKIFY_LOG_DATA": f"s3://{LAKE}/raw/events",
        "SPARKIFY_SONG_DATA": f"s3://{LAKE}/songs/",
        # Which nobody reads.
        "SPARKIFY_LOG_JSONPATHS": "s3://elsewhere/log_json_path.json",
        "SPARKIFY_LAKE": "",
    }
    cloud.create(**lake)

    role = cloud.holds()["roles"]["sparkify-redshift"]
    assert role["attached"] == []
    (policy,) = role["policies"].values()
    granted = {
        (action, resource)
        for statement in policy["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        for resource in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    }
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}
    assert granted == {
        ("s3:GetObject", f"arn:aws:s3:::{LAKE}/raw/events/*"),
        ("s3:GetObject", f"arn:aws:s3:::{LAKE}/songs/*"),
        *((f"s3:{verb}Object", f"arn:aws:s3:::{MANIFESTS}/copy/*") for verb in ("Get", "Put", "Delete")),
        *(
            (action, f"arn:aws:s3:::{bucket}")
            for action in ("s3:ListBucket", "s3:GetBucketLocation")
            for bucket in (LAKE, MANIFESTS)
        ),
    }


def test_the_role_reads_all_buckets_only_for_as_long_as_that_is_asked_for(cloud: Cloud) -> None:
    cloud.create("--read-all-buckets")
    assert cloud.holds()["roles"]["sparkify-redshift"]["attached"] == ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]

    cloud.create()
    assert cloud.holds()["roles"]["sparkify-redshift"]["attached"] == []


def test_the_cluster_is_encrypted_takes_tls_alone_and_has_its_password_in_a_secret(cloud: Cloud) -> None:
    done = cloud.create("--write-env")

    held = cloud.holds()
    assert held["clusters"]["sparkify"] == {
        "state": "available",
        "nodes": ("ra3.large", 1),
        "database": ("sparkify", "sparkify", 5439),
        "password": (None, True),
        "encrypted": True,
        "public": False,
        "roles": ([ROLE], ROLE),
        "groups": [["sparkify-redshift"], "sparkify", ["sparkify-tls"]],
        "automated snapshots": 1,
        "tags": TAGS,
    }
    assert held["parameter groups"]["sparkify-tls"][0] == {"require_ssl": "true"}
    assert held["secrets"] == ["redshift!sparkify-sparkify"]
    (arn,) = re.findall(r"REDSHIFT_SECRET_ARN +(\S+)", done.out)
    secret = cloud.ask(SECRETS, "get_secret_value", SecretId=arn)["SecretString"]
    password = re.findall(r'"password": "([^"]+)"', secret)[0]
    assert password not in done.out + done.err + Path(".env").read_text()


def test_the_password_is_in_no_log_however_much_is_logged(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        cloud.create("--write-env")
    secret = cloud.ask(SECRETS, "get_secret_value", SecretId="redshift!sparkify-sparkify")["SecretString"]
    password = re.findall(r'"password": "([^"]+)"', secret)[0]

    assert "CreateCluster" in caplog.text
    assert password not in caplog.text


def test_the_bucket_is_closed_encrypted_takes_tls_alone_and_lets_what_is_left_expire(cloud: Cloud) -> None:
    cloud.create()

    ((name, bucket),) = cloud.holds()["buckets"].items()
    assert name == MANIFESTS
    assert set(bucket["closed"].values()) == {True}
    assert bucket["encryption"]["Rule"]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert bucket["ownership"] == "BucketOwnerEnforced"
    assert bucket["lifecycle"] == [("expire-after-7-days", "Enabled", "7")]
    (denied,) = bucket["policy"]["Statement"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["Resource"] == [f"arn:aws:s3:::{MANIFESTS}", f"arn:aws:s3:::{MANIFESTS}/*"]


def test_everything_carries_the_platforms_tags_and_the_owners(cloud: Cloud) -> None:
    cloud.create("--tag", "cost-center=music", "--tag", "team=a=b")

    held, tags = cloud.holds(), {**TAGS, "cost-center": "music", "team": "a=b"}
    assert held["clusters"]["sparkify"]["tags"] == tags
    assert held["roles"]["sparkify-redshift"]["tags"] == tags
    assert held["security groups"]["sparkify-redshift"]["tags"] == tags
    assert held["buckets"][MANIFESTS]["tags"] == tags
    assert held["subnet groups"]["sparkify"][1] == tags
    assert held["parameter groups"]["sparkify-tls"][1] == tags


@pytest.mark.parametrize(
    ("words", "public"),
    [
        (["--cidr", "10.0.0.0/8"], False),
        (["--cidr", "8.8.4.4"], True),
        (["--cidr", "10.0.0.0/8", "--cidr", "8.8.4.4"], True),
        (["--cidr", "8.8.4.4", "--private"], False),
        (["--cidr", "10.0.0.0/8", "--public"], True),
    ],
)
def test_it_has_an_address_on_the_internet_where_it_is_reached_from_there(
    cloud: Cloud, words: list[str], public: bool
) -> None:
    assert cloud.run("create", *words).code == 0
    assert cloud.holds()["clusters"]["sparkify"]["public"] is public


def test_only_the_port_is_open_and_only_to_the_networks_that_are_named(cloud: Cloud) -> None:
    assert cloud.run("create", "--cidr", "10.9.0.0/16", "--cidr", "8.8.4.4", REDSHIFT_PORT="5450").code == 0

    group = cloud.holds()["security groups"]["sparkify-redshift"]
    assert group["lets in"] == [
        ("10.9.0.0/16", "sparkify cluster", "tcp", 5450, 5450),
        ("8.8.4.4/32", "sparkify cluster", "tcp", 5450, 5450),
    ]
    assert cloud.holds()["clusters"]["sparkify"]["database"][2] == 5450


def test_creating_twice_is_creating_once_and_the_second_time_only_looks(cloud: Cloud) -> None:
    cloud.create("--write-env")
    held = cloud.holds()
    cloud.asked.clear()

    # By the settings that the first one wrote, too.
    again = cloud.create("--write-env")

    assert cloud.asked
    assert cloud.changes == []
    assert cloud.holds() == held
    assert [line.split()[0] for line in again.out.splitlines() if "as it should be" in line] == ["keep"] * 6


def test_another_network_closes_the_old_one_opens_the_new_one_and_leaves_the_rules_of_others(cloud: Cloud) -> None:
    cloud.create()
    (group,) = security_groups()
    theirs = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439}
    for block in ({"CidrIp": "10.200.0.0/16", "Description": "the office's"}, {"CidrIp": "10.201.0.0/16"}):
        permission = {**theirs, "IpRanges": [block]}
        cloud.ask(EC2, "authorize_security_group_ingress", GroupId=group.id, IpPermissions=[permission])

    assert cloud.run("create", "--cidr", "10.5.0.0/16").code == 0

    assert cloud.holds()["security groups"]["sparkify-redshift"]["lets in"] == [
        ("10.200.0.0/16", "the office's", "tcp", 5439, 5439),
        ("10.201.0.0/16", "", "tcp", 5439, 5439),
        ("10.5.0.0/16", "sparkify cluster", "tcp", 5439, 5439),
    ]


def test_a_network_that_others_let_in_already_does_not_keep_the_next_one_out(cloud: Cloud) -> None:
    cloud.create()
    (group,) = security_groups()
    theirs = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": "10.6.0.0/16"}]}
    cloud.ask(EC2, "authorize_security_group_ingress", GroupId=group.id, IpPermissions=[theirs])

    done = cloud.run("create", "--cidr", "10.6.0.0/16", "--cidr", "10.7.0.0/16")

    assert done.code == 0, done.err
    lets_in = cloud.holds()["security groups"]["sparkify-redshift"]["lets in"]
    assert [rule[:2] for rule in lets_in] == [("10.6.0.0/16", ""), ("10.7.0.0/16", "sparkify cluster")]
    cloud.asked.clear()
    assert cloud.run("create", "--cidr", "10.6.0.0/16", "--cidr", "10.7.0.0/16").code == 0
    assert cloud.changes == []


def drift(cloud: Cloud, what: str) -> None:
    """Changes something of a platform as somebody would by hand."""
    (group,) = security_groups()
    bucket, role, mine = {"Bucket": MANIFESTS}, {"RoleName": "sparkify-redshift"}, {"ClusterIdentifier": "sparkify"}
    rule = {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "IpRanges": [{"CidrIp": "10.1.2.3/32"}]}
    off = {"ParameterName": "require_ssl", "ParameterValue": "false"}
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    anybody = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    done = {
        "the role's policy is gone": lambda: cloud.ask(IAM, "delete_role_policy", PolicyName="sparkify-lake", **role),
        "the role trusts anybody": lambda: cloud.ask(IAM, "update_assume_role_policy", PolicyDocument=anybody, **role),
        "the bucket is open": lambda: cloud.ask(BUCKETS, "delete_public_access_block", **bucket),
        "the bucket takes connections without TLS": lambda: cloud.ask(BUCKETS, "delete_bucket_policy", **bucket),
        "nothing expires": lambda: cloud.ask(BUCKETS, "delete_bucket_lifecycle", **bucket),
        "nobody is let in": lambda: cloud.ask(
            EC2, "revoke_security_group_ingress", GroupId=group.id, IpPermissions=[rule]
        ),
        "TLS is not required": lambda: cloud.redshift.modify_parameters("sparkify-tls", [off]),
        "the cluster has another parameter group": lambda: cloud.ask(
            CLUSTERS, "modify_cluster", ClusterParameterGroupName="default.redshift-1.0", **mine
        ),
        "the cluster has no role": lambda: cloud.ask(
            CLUSTERS, "modify_cluster_iam_roles", RemoveIamRoles=[ROLE], **mine
        ),
        "the cluster is on the internet": lambda: cloud.ask(
            CLUSTERS, "modify_cluster", PubliclyAccessible=True, **mine
        ),
        "the cluster lies in one subnet": lambda: cloud.ask(
            CLUSTERS,
            "modify_cluster_subnet_group",
            ClusterSubnetGroupName="sparkify",
            SubnetIds=cloud.redshift.subnet_groups["sparkify"].subnet_ids[:1],
        ),
    }
    for part in what.split(", and "):
        done[part]()
        # Until AWS has done it.
        for _ in range(LOOKS + 1):
            cloud.redshift.describe_clusters()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("the role's policy is gone", "access to the lake"),
        ("the role trusts anybody", "trust"),
        ("the bucket is open", "block of public access"),
        pytest.param("the bucket takes connections without TLS", "policy", marks=pytest.mark.slow),
        pytest.param("nothing expires", "lifecycle", marks=pytest.mark.slow),
        pytest.param("nobody is let in", "networks that it lets in", marks=pytest.mark.slow),
        ("TLS is not required", "requirement of TLS"),
        pytest.param("the cluster has another parameter group", "parameter group", marks=pytest.mark.slow),
        pytest.param("the cluster has no role", "role", marks=pytest.mark.slow),
        ("the cluster has another parameter group, and the cluster has no role", "role, parameter group"),
        ("the cluster is on the internet", "reachability"),
        pytest.param("the cluster lies in one subnet", "subnets", marks=pytest.mark.slow),
    ],
)
def test_what_somebody_changed_by_hand_is_told_and_made_good(cloud: Cloud, what: str, told: str) -> None:
    cloud.create()
    held = cloud.holds()
    drift(cloud, what)
    cloud.asked.clear()

    foretold = cloud.create("--dry-run")
    assert cloud.changes == []
    assert re.search(rf"would change .* has other .*{told}", foretold.out)

    done = cloud.create()
    assert re.search(rf"change .* has other .*{told}", done.out)
    assert cloud.holds() == held


def test_that_tls_is_required_again_only_after_a_reboot_is_said(cloud: Cloud) -> None:
    cloud.create()
    drift(cloud, "TLS is not required")

    assert "TLS is required from the next reboot on: reboot the cluster 'sparkify'" in cloud.create().out
    assert "TLS: required from the next reboot on" in cloud.run("status").out


def test_what_is_foretold_is_done_and_foretelling_changes_nothing(cloud: Cloud) -> None:
    done = cloud.create("--dry-run", "--write-env")

    assert cloud.changes == []
    assert not Path(".env").exists()
    assert [line.split()[:2] for line in done.out.splitlines()[2:]] == [["would", "make"]] * 6
    assert "1 × ra3.large by the hour until it is paused" in done.out


def test_progress_is_told_while_aws_is_at_work(cloud: Cloud, clock: Any) -> None:
    done = cloud.create()

    assert "the cluster 'sparkify' is creating; waiting" in done.err
    assert done.err.index("made the cluster") < done.err.index("is creating")
    assert clock.now >= 1


def test_sizes_and_names_come_from_options_settings_and_dwh_cfg(cloud: Cloud) -> None:
    Path("dwh.cfg").write_text(
        "[DWH]\nDWH_CLUSTER_TYPE=multi-node\nDWH_NUM_NODES=4\nDWH_NODE_TYPE=dc2.large\n"
        "DWH_CLUSTER_IDENTIFIER=dwhCluster\nDWH_DB=dwh\nDWH_DB_USER=dwhuser\nDWH_DB_PASSWORD=Passw0rd\nDWH_PORT=5440\n"
        "DWH_IAM_ROLE_NAME=dwhRole\n"
    )
    done = cloud.create("--write-env", SPARKIFY_DWH_CFG="dwh.cfg")

    held = cloud.holds()
    cluster = held["clusters"]["dwhcluster"]
    assert cluster["nodes"] == ("dc2.large", 4)
    assert cluster["database"] == ("dwh", "dwhuser", 5440)
    assert cluster["password"] == (None, True)
    assert list(held["roles"]) == ["dwhRole"]
    assert "Passw0rd" not in done.out + done.err + Path(".env").read_text()
    cloud.create("--nodes", "2", "--node-type", "ra3.4xlarge", SPARKIFY_CLUSTER="other", SPARKIFY_CLUSTER_ROLE="o")
    assert cloud.holds()["clusters"]["other"]["nodes"] == ("ra3.4xlarge", 2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["--nodes", "3"], "nodes 1 × ra3.large, and the settings say 3 × ra3.large"),
        (["--node-type", "ra3.xlplus"], "nodes 1 × ra3.large, and the settings say 1 × ra3.xlplus"),
    ],
)
def test_another_size_is_not_made_of_a_cluster_that_is_there(cloud: Cloud, changes: list[str], told: str) -> None:
    cloud.create()
    held = cloud.holds()

    assert told in cloud.run("create", "--cidr", "10.1.2.3", *changes).line
    assert cloud.holds() == held


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"REDSHIFT_DATABASE": "dwh"}, "database sparkify, and the settings say dwh"),
        ({"REDSHIFT_PORT": "5440"}, "port 5439, and the settings say 5440"),
    ],
)
def test_a_database_or_port_is_not_changed_of_a_cluster_that_is_there(
    cloud: Cloud, changes: dict[str, str], told: str
) -> None:
    cloud.create()
    held = cloud.holds()

    assert told in cloud.run("create", "--cidr", "10.1.2.3", **changes).line
    assert cloud.holds() == held


def test_subnets_that_are_named_decide_where_cluster_and_security_group_lie(cloud: Cloud, other_vpc: Any) -> None:
    vpc, subnets = other_vpc
    cloud.create("--subnet", subnets[1], "--subnet", subnets[0])

    held = cloud.holds()
    assert held["subnet groups"]["sparkify"][0] == subnets
    assert held["security groups"]["sparkify-redshift"]["VPC"] == vpc


def test_a_subnet_group_that_is_given_is_used_with_its_vpc_and_stays(cloud: Cloud, other_vpc: Any) -> None:
    vpc, subnets = other_vpc
    cloud.ask(
        CLUSTERS, "create_cluster_subnet_group", ClusterSubnetGroupName="theirs", Description="x", SubnetIds=subnets
    )
    cloud.create("--subnet-group", "theirs")

    held = cloud.holds()
    assert list(held["subnet groups"]) == ["theirs"]
    assert held["clusters"]["sparkify"]["groups"][1] == "theirs"
    assert held["security groups"]["sparkify-redshift"]["VPC"] == vpc
    # Nobody has to name it again.
    cloud.asked.clear()
    cloud.create()
    assert cloud.changes == []
    assert cloud.run("status").code == 0
    assert "the subnet group 'theirs' was not made for the platform, and stays" in cloud.run("destroy", "--yes").out
    assert list(cloud.holds()["subnet groups"]) == ["theirs"]


def test_a_bucket_that_is_there_is_borrowed_as_it_is(cloud: Cloud) -> None:
    cloud.create(SPARKIFY_MANIFESTS=f"s3://{LAKE}/manifests")

    assert cloud.holds()["buckets"] == {}
    (policy,) = cloud.holds()["roles"]["sparkify-redshift"]["policies"].values()
    assert policy["Statement"][1]["Resource"] == f"arn:aws:s3:::{LAKE}/manifests/*"
    assert not [asked for asked in cloud.asked if asked.changes and asked.parameters.get("Bucket") == LAKE]


def test_a_bucket_that_is_named_and_not_there_is_made(cloud: Cloud) -> None:
    cloud.create(SPARKIFY_MANIFESTS="s3://my-own-manifests/below")

    assert cloud.holds()["buckets"]["my-own-manifests"]["tags"] == TAGS


def test_a_paused_cluster_is_not_called_ready(cloud: Cloud) -> None:
    cloud.create()
    assert cloud.run("pause").code == 0

    assert "is whole, and paused: `sparkify cluster resume` wakes it" in cloud.create().out
    line = cloud.run("create", "--cidr", "8.8.4.4").line
    assert "has other reachability than it should, and is paused: `sparkify cluster resume` first" in line


class TestTheEnvironmentFile:
    def test_it_is_what_loads_are_made_with(self, cloud: Cloud, tmp_path: Path) -> None:
        cloud.create("--write-env")

        settings = read_settings(None, tmp_path)
        assert settings.redshift is not None
        assert settings.redshift.login == "secret"
        assert settings.redshift.iam_role_arn == ROLE
        assert settings.redshift.manifests == f"s3://{MANIFESTS}/copy"
        assert settings.redshift.host
        assert settings.redshift.host.startswith("sparkify.")
        assert settings.log_data == f"s3://{LAKE}/sparkify/log_data"

    def test_its_other_lines_stay_and_former_logins_go(self, cloud: Cloud) -> None:
        before = (
            "# mine\nexport SPARKIFY_MAX_REJECTED='0.5'\nREDSHIFT_USER=me\nREDSHIFT_PASSWORD=old\nREDSHIFT_HOST=old\n"
            "REDSHIFT_WORKGROUP=w\nREDSHIFT_SCHEMA=music"
        )
        Path(".env").write_text(before)
        Path(".env").chmod(0o644)

        done = cloud.create("--write-env")

        lines = Path(".env").read_text().splitlines()
        assert lines[:2] == ["# mine", "export SPARKIFY_MAX_REJECTED='0.5'"]
        assert "REDSHIFT_SCHEMA=music" in lines
        names = [line.partition("=")[0] for line in lines]
        assert not {"REDSHIFT_USER", "REDSHIFT_PASSWORD", "REDSHIFT_WORKGROUP"}.intersection(names)
        assert names.count("REDSHIFT_HOST") == 1
        assert "not removed" not in done.err

    def test_only_its_owner_may_read_it_also_where_it_was_there(self, cloud: Cloud) -> None:
        Path("old.env").write_text("A=1\n")
        Path("old.env").chmod(0o644)
        cloud.create("--write-env", "new.env")
        cloud.create("--write-env", "old.env")

        assert [Path(name).stat().st_mode & 0o777 for name in ("new.env", "old.env")] == [0o600, 0o600]
        assert sorted(path.name for path in Path.cwd().iterdir()) == ["new.env", "old.env"]

    def test_what_it_links_to_is_written_and_the_link_stays(self, cloud: Cloud) -> None:
        Path("there.env").write_text("A=1\n")
        Path(".env").symlink_to("there.env")
        cloud.create("--write-env")

        assert Path(".env").is_symlink()
        assert Path("there.env").read_text().startswith("A=1\nSPARKIFY_WAREHOUSE=redshift\n")

    def test_a_lake_whose_name_needs_quotes_is_read_as_it_is(self, cloud: Cloud, tmp_path: Path) -> None:
        cloud.create("--write-env", SPARKIFY_LAKE=f"s3://{LAKE}/our music #1")

        assert read_settings({}, tmp_path).lake != f"s3://{LAKE}/our music #1"
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("SPARKIFY_LAKE")
            assert read_settings(None, tmp_path).lake == f"s3://{LAKE}/our music #1"

    @pytest.mark.parametrize("content", [None, b"\xff\xfe"])
    def test_where_it_cannot_be_written_one_line_says_so(self, cloud: Cloud, content: bytes | None) -> None:
        path = Path("here") / ".env"
        if content is not None:
            path.parent.mkdir()
            path.write_bytes(content)
        done = cloud.run("create", "--cidr", "10.1.2.3", "--write-env", str(path))

        assert re.search(r"can't write .*: name another file by --write-env", done.line)
        assert content is None or path.read_bytes() == content
