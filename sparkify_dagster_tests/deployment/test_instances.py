"""Dagster's instances of all deployments: what they have in common, and what a run becomes in each.

Each is made of its file on a true PostgreSQL. On ECS a run is launched into moto, on Kubernetes into a server that
keeps what it is sent; both only keep it, and nothing runs.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import dagster as dg
import kubernetes_validate
import pytest
import yaml
from boto3.session import Session

# Dagster has no public names for what a launcher is given, nor for what tells it what to run.
from dagster._core.definitions.reconstruct import reconstructable
from dagster._core.launcher import LaunchRunContext

from sparkify_dagster_tests.aws import pretend_account
from sparkify_dagster_tests.deployment.processes import DATABASE, DEPLOY, connection_to
from sparkify_dagster_tests.listening import listening
from sparkify_dagster_tests.redshift.postgres import Login, Postgres
from sparkify_dagster_tests.ui.server import free_port

FILES = ("dagster.yaml", "ecs/dagster.yaml", "kubernetes/dagster.yaml")
NAMESPACE, IMAGE = "data", "registry.example.org/sparkify:1.2.3"
KUBERNETES = {
    "DAGSTER_K8S_NAMESPACE": NAMESPACE,
    "DAGSTER_K8S_IMAGE": IMAGE,
    "DAGSTER_K8S_SERVICE_ACCOUNT": "sparkify-run",
    "DAGSTER_K8S_ENV_CONFIG_MAP": "sparkify-settings",
    "DAGSTER_K8S_ENV_SECRET": "sparkify-secrets",
}


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def short() -> None:
    """Is soon done."""
    nothing()


def read(file: str) -> dict[str, Any]:
    """What a file of deploy/ says."""
    return yaml.safe_load((DEPLOY / file).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def login() -> Iterator[Login]:
    """The way into a PostgreSQL."""
    login = Login("dagster", "made up by the tests", free_port())
    database = Postgres(login)
    database.start(DATABASE)
    yield login
    database.stop()


@pytest.fixture
def settings(login: Login, s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings as a deployment has them, in the environment; gives Dagster's home, which is empty."""
    pretend_account(monkeypatch, endpoint=s3_endpoint)
    variables = {
        **connection_to(login),
        "DAGSTER_HOME": str(tmp_path),
        "DAGSTER_LOGS_BUCKET": "logs",
        "DAGSTER_LOGS_PREFIX": "prefix",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@contextmanager
def instance_of(file: str, home: Path, **launcher: Any) -> Iterator[dg.DagsterInstance]:
    """The instance that a file makes, with a few settings of its run launcher that are the tests' own."""
    written = read(file)
    written["run_launcher"]["config"].update(launcher)
    (home / "dagster.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
    with dg.DagsterInstance.get() as instance:
        yield instance


def launch(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    """Launches a run; gives what is known of it then."""
    run = instance.create_run_for_job(short, job_code_origin=reconstructable(short).get_python_origin(), tags=tags)
    instance.run_launcher.launch_run(LaunchRunContext(run, None))
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


@pytest.mark.parametrize("file", FILES[1:])
def test_instances_differ_in_the_run_launcher_alone(file: str) -> None:
    first, other = read(FILES[0]), read(file)
    assert first.pop("run_launcher") != other.pop("run_launcher")
    assert first == other


def test_what_the_embedded_platform_says_holds_in_a_deployment_too() -> None:
    embedded, deployed = read("../dagster.yaml"), read(FILES[0])
    for name in ("concurrency", "run_retries", "sensors", "schedules", "scheduler", "python_logs", "telemetry", "nux"):
        assert deployed[name] == embedded[name], name
    assert "instance_class" not in deployed


@pytest.mark.parametrize("file", FILES)
def test_each_makes_an_instance_on_postgresql_and_s3(file: str, settings: Path) -> None:
    with instance_of(file, settings) as instance:
        storage, logs = instance.event_log_storage, instance.compute_log_manager
        assert type(storage).__name__ == "PostgresEventLogStorage"
        assert type(logs).__name__ == "S3ComputeLogManager"
        assert type(instance.run_coordinator).__name__ == "QueuedRunCoordinator"
        assert (instance.run_monitoring_enabled, instance.run_monitoring_max_resume_run_attempts) == (True, 0)
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 2)
        assert not instance.telemetry_enabled
        assert os.listdir(settings) == ["dagster.yaml"]


def test_a_run_on_ecs_is_a_task_of_the_definition_in_the_daemons_own_network(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session()
    ecs, network = session.client("ecs"), _network(session)
    definition = _task_definition(ecs)
    ecs.create_cluster(clusterName="sparkify")
    (daemon,) = ecs.run_task(
        cluster="sparkify",
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
    )["tasks"]

    class Metadata(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, {"Cluster": "sparkify", "TaskARN": daemon["taskArn"]})

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setenv("DAGSTER_RUN_TASK_DEFINITION", definition)
    with listening(Metadata) as address:
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", address)
        with instance_of("ecs/dagster.yaml", settings) as instance:
            run = launch(instance, **{"dagster/sensor_name": "new_logs", "other": "x"})
            health = instance.run_launcher.check_run_worker_health(run)
    (task,) = ecs.describe_tasks(cluster="sparkify", tasks=[run.tags["ecs/task_arn"]], include=["TAGS"])["tasks"]
    assert task["taskDefinitionArn"].endswith(":task-definition/sparkify-run:1")
    (overrides,) = task["overrides"]["containerOverrides"]
    assert overrides["name"] == "run"
    assert overrides["command"][:3] == ["dagster", "api", "execute_run"]
    assert (task["overrides"]["cpu"], task["overrides"]["memory"]) == ("1024", "2048")
    tags = {tag["key"]: tag["value"] for tag in task["tags"]}
    assert tags["sparkify"] == "run"
    assert tags["dagster/sensor_name"] == "new_logs"
    assert "other" not in tags
    assert _subnet(task) == network["subnets"][0]
    assert health.status.value == "RUNNING"


def test_a_run_on_kubernetes_is_a_job_that_may_do_little(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _kubernetes(settings, monkeypatch) as (instance, jobs):
        run = launch(instance)
    (path, job) = jobs.popitem()
    assert path == f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
    # Kubernetes' own schema, in which nothing is left over that it doesn't know.
    kubernetes_validate.validate({**job, "apiVersion": "batch/v1", "kind": "Job"}, "1.33", strict=True)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == IMAGE
    assert run.run_id in " ".join(container["args"])
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == ("sparkify-run", False)
    assert {"configMapRef": {"name": "sparkify-settings"}} in container["envFrom"]
    assert {"secretRef": {"name": "sparkify-secrets"}} in container["envFrom"]
    assert {"name": "DAGSTER_HOME", "value": str(settings)} in container["env"]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert job["spec"]["ttlSecondsAfterFinished"] == 86400
    assert job["spec"]["backoffLimit"] == 0


def test_tags_of_a_run_give_its_pod_no_more_on_kubernetes(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"container_config": {"securityContext": {"privileged": True}}}
    with (
        _kubernetes(settings, monkeypatch) as (instance, jobs),
        pytest.raises(Exception, match=r"violated the allowed list: container_config\.security_context"),
    ):
        launch(instance, **{"dagster-k8s/config": json.dumps(wanted)})
    assert jobs == {}


# --- what stands in for AWS and Kubernetes ---------------------------------------------------------------------------


def _network(session: Session) -> dict[str, Any]:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    # moto makes no network interfaces in others.
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="tasks", Description="Of the tests.")["GroupId"]
    return {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}


def _task_definition(ecs: Any) -> str:
    return ecs.register_task_definition(
        family="sparkify-run",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="1024",
        memory="2048",
        containerDefinitions=[{"name": "run", "image": IMAGE, "memory": 2048}],
    )["taskDefinition"]["taskDefinitionArn"]


def _subnet(task: dict[str, Any]) -> str:
    details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
    return details["subnetId"]


@contextmanager
def _kubernetes(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[dg.DagsterInstance, dict[str, Any]]]:
    """The instance, with a Kubernetes that keeps the jobs that it is given; these, by the paths that they went to."""
    jobs: dict[str, Any] = {}

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            jobs[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            _answer(self, jobs[self.path])

        def log_message(self, format: str, *args: object) -> None:
            pass

    for name, value in KUBERNETES.items():
        monkeypatch.setenv(name, value)
    kubeconfig = home.parent / f"{home.name}-kubeconfig"
    with listening(Api) as address:
        config = {
            "current-context": "tests",
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
            "clusters": [{"name": "tests", "cluster": {"server": address}}],
            "users": [{"name": "tests", "user": {}}],
        }
        kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
        elsewhere = {"load_incluster_config": False, "kubeconfig_file": str(kubeconfig)}
        with instance_of("kubernetes/dagster.yaml", home, **elsewhere) as instance:
            yield instance, jobs


def _answer(handler: BaseHTTPRequestHandler, said: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
