"""The files that describe a deployment: what linters say of them, and what no linter knows."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"

_COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
_MANIFESTS = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.stem not in {"dagster", "kustomization"}
)
_DAGSTER = {"code-server", "webserver", "daemon"}
_PORTS = {"code-server": 4000, "webserver": 3000}
_LOCATION = re.compile(r"\$\{([A-Z][A-Z0-9_]+)")


class _CloudFormation(yaml.SafeLoader):
    """Reads ``!Ref x`` as ``{"Ref": "x"}``, and so on."""


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: loader.construct_mapping(node, deep=True)}


_CloudFormation.add_multi_constructor("!", _short_form)


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of the environment, offline."""
    path = Path(sys.executable).parent / program
    if not path.exists():
        pytest.skip(f"{program} is not installed here")
    return subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def composed(*names: str) -> dict[str, Any]:
    """The services of compose.yaml, with those of others laid over them."""
    services: dict[str, Any] = {}
    for name in ("compose.yaml", *names):
        for service, said in yaml.safe_load((DEPLOY / name).read_text("utf-8"))["services"].items():
            known = services.setdefault(service, {})
            environment = {**known.get("environment", {}), **said.get("environment", {})}
            services[service] = {**known, **said, "environment": environment}
    return services


def template() -> dict[str, Any]:
    return yaml.load((DEPLOY / "ecs" / "template.yaml").read_text("utf-8"), Loader=_CloudFormation)


def ecs_containers() -> dict[str, Any]:
    resources = template()["Resources"].values()
    tasks = [item["Properties"] for item in resources if item["Type"] == "AWS::ECS::TaskDefinition"]
    return {container["Name"]: container for task in tasks for container in task["ContainerDefinitions"]}


def manifests() -> Iterator[dict[str, Any]]:
    for path in _MANIFESTS:
        yield from yaml.safe_load_all(path.read_text("utf-8"))


def pods() -> dict[str, Any]:
    return {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]
        for item in manifests()
        if item["kind"] == "Deployment"
    }


def settings_of_kubernetes() -> dict[str, str]:
    lines = (DEPLOY / "kubernetes" / "settings.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class TestLinters:
    def test_hadolint_has_nothing_to_say_and_is_told_to_ignore_nothing(self) -> None:
        looked_at = run("hadolint", "deploy/Dockerfile")
        assert looked_at.returncode == 0, looked_at.stdout + looked_at.stderr
        assert "hadolint" not in (DEPLOY / "Dockerfile").read_text("utf-8")

    def test_compose_files_follow_the_specification(self) -> None:
        looked_at = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, _COMPOSE))
        assert looked_at.returncode == 0, looked_at.stdout

    def test_manifests_follow_kubernetes_schemas_strictly(self) -> None:
        looked_at = run("kubernetes-validate", "--strict", *map(str, _MANIFESTS))
        assert looked_at.returncode == 0, looked_at.stdout + looked_at.stderr

    @pytest.mark.skipif(
        shutil.which("kubectl") is None, reason="kubectl, which puts the manifests together, is not here"
    )
    def test_manifests_can_be_put_together(self, tmp_path: Path) -> None:
        made = subprocess.run(
            ["kubectl", "kustomize", "deploy/kubernetes"],
            cwd=ROOT,
            env={**os.environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        together = tmp_path / "together.yaml"
        together.write_text(made.stdout)
        looked_at = run("kubernetes-validate", "--strict", str(together))
        assert looked_at.returncode == 0, looked_at.stdout + looked_at.stderr
        documents = list(yaml.safe_load_all(made.stdout))
        maps = {item["metadata"]["name"]: item["data"] for item in documents if item["kind"] == "ConfigMap"}
        # The names that settings and pods give them.
        assert maps["sparkify"]["DAGSTER_K8S_ENV_CONFIG_MAP"] in maps
        assert set(maps["dagster-instance"]) == {"dagster.yaml"}
        assert set(maps["proxy-templates"]) == {path.name for path in (DEPLOY / "nginx").glob("*.template")}
        images = {
            container["image"]
            for item in documents
            if item["kind"] == "Deployment" and item["metadata"]["name"] in _DAGSTER
            for container in item["spec"]["template"]["spec"]["containers"]
        }
        assert images == {maps["sparkify"]["DAGSTER_K8S_IMAGE"]}

    def test_cfn_lint_has_nothing_to_say(self) -> None:
        looked_at = run("cfn-lint", "--include-checks", "I", "--", "deploy/ecs/template.yaml")
        assert looked_at.returncode == 0, looked_at.stdout
        assert "cfn-lint" not in (DEPLOY / "ecs" / "template.yaml").read_text("utf-8")


class TestEveryContainer:
    @pytest.mark.parametrize("name", sorted(composed("compose.oidc.yaml")))
    def test_of_compose_is_hardened_and_bounded(self, name: str) -> None:
        service = composed("compose.oidc.yaml")[name]
        assert int(service["user"].split(":")[0]) > 0
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert "privileged" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["restart"] == "unless-stopped"
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
        assert "stop_grace_period" in service

    @pytest.mark.parametrize("name", sorted(set(composed("compose.oidc.yaml")) - {"oauth2-proxy"}))
    def test_of_compose_is_looked_after(self, name: str) -> None:
        # oauth2-proxy's image has no program that could ask it.
        assert composed()[name]["healthcheck"]["test"][0] == "CMD"

    @pytest.mark.parametrize("name", ["code-server", "daemon", "run", "webserver"])
    def test_of_ecs_is_hardened(self, name: str) -> None:
        container = ecs_containers()[name]
        assert int(container["User"].split(":")[0]) > 0
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
        assert "Privileged" not in container
        assert ("HealthCheck" in container) == (name in _DAGSTER)
        assert container["LogConfiguration"]["LogDriver"] == "awslogs"

    @pytest.mark.parametrize("name", sorted(pods()))
    def test_of_kubernetes_is_hardened_and_bounded(self, name: str) -> None:
        pod = pods()[name]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "livenessProbe" in container

    def test_of_kubernetes_sees_its_api_only_where_it_launches_or_ends_runs(self) -> None:
        assert {name for name, pod in pods().items() if pod["automountServiceAccountToken"]} == {"daemon", "webserver"}

    def test_can_be_reached_from_outside_only_if_it_is_the_proxy(self) -> None:
        assert {name for name, service in composed("compose.oidc.yaml").items() if "ports" in service} == {"proxy"}
        assert composed()["webserver"]["networks"] == ["database", "processes", "front"]
        assert composed()["proxy"]["networks"] == ["front"]
        services = [item for item in manifests() if item["kind"] == "Service"]
        open_ones = {
            item["metadata"]["name"] for item in services if item["spec"].get("type", "ClusterIP") != "ClusterIP"
        }
        assert open_ones == {"proxy"}
        assert not [item for item in manifests() if item["kind"] == "Ingress"]

    def test_has_a_pinned_image(self) -> None:
        images = [service["image"] for service in composed("compose.oidc.yaml").values()]
        images += [container["image"] for pod in pods().values() for container in pod["containers"]]
        images += re.findall(r"^ARG PYTHON=(.+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        for image in images:
            plain = re.sub(r"^\$\{\w+:-(.+)\}$", r"\1", image)
            # kustomization.yaml gives the platform's own image its tag.
            assert plain == "sparkify" or re.fullmatch(r"[\w./-]+:v?\d[\w.-]*", plain), image


class TestTheSameEverywhere:
    @pytest.mark.parametrize("name", sorted(_DAGSTER))
    def test_a_process_has_one_command(self, name: str) -> None:
        command = composed()[name]["command"]
        assert ecs_containers()[name]["Command"] == command
        assert pods()[name]["containers"][0]["args"] == command

    def test_the_image_starts_the_code_server_by_itself(self) -> None:
        command = re.findall(r"^CMD (\[.+\])$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        assert json.loads(command[-1]) == composed()["code-server"]["command"]

    @pytest.mark.parametrize(("name", "port"), sorted(_PORTS.items()))
    def test_a_port_is_the_same(self, name: str, port: int) -> None:
        command = composed()[name]["command"]
        assert command[command.index("--port") + 1] == str(port)
        assert ecs_containers()[name]["PortMappings"][0]["ContainerPort"] == port
        assert pods()[name]["containers"][0]["ports"][0]["containerPort"] == port

    def test_the_user_is_the_images(self) -> None:
        user = re.findall(r"^USER (.+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        assert user == ["10001:10001"]
        for name in _DAGSTER:
            assert composed()[name]["user"] == ecs_containers()[name]["User"] == user[0]
            assert pods()[name]["securityContext"]["runAsUser"] == 10001

    def test_one_image_is_one_version(self) -> None:
        version = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[0]
        assert {composed()[name]["image"] for name in _DAGSTER} == {f"${{SPARKIFY_IMAGE:-sparkify:{version}}}"}
        assert f"ARG VERSION={version}\n" in (DEPLOY / "Dockerfile").read_text("utf-8")
        assert settings_of_kubernetes()["DAGSTER_K8S_IMAGE"].endswith(f":{version}")

    def test_the_embedded_instance_differs_in_where_logs_go_alone(self) -> None:
        instances = [
            yaml.safe_load((DEPLOY / name).read_text("utf-8")) for name in ("dagster.yaml", "embedded/dagster.yaml")
        ]
        places = [instance.pop("compute_logs")["class"] for instance in instances]
        assert places == ["S3ComputeLogManager", "LocalComputeLogManager"]
        assert instances[0] == instances[1]

    def test_every_process_gets_what_its_instance_reads_from_the_environment(self) -> None:
        ways = [
            ("dagster.yaml", [composed("compose.aws.yaml")[name]["environment"] for name in _DAGSTER]),
            ("embedded/dagster.yaml", [composed()[name]["environment"] for name in _DAGSTER]),
            ("ecs/dagster.yaml", [_names(container) for container in ecs_containers().values()]),
            ("kubernetes/dagster.yaml", [{**settings_of_kubernetes(), "DAGSTER_PG_PASSWORD": ""}]),
        ]
        for instance, environments in ways:
            text = (DEPLOY / instance).read_text("utf-8") + (DEPLOY / "workspace.yaml").read_text("utf-8")
            wanted = set(re.findall(r"env: (\w+)", text)) - {"DAGSTER_CODE_LOCATION_HOST", "DAGSTER_CODE_LOCATION_PORT"}
            for environment in environments:
                given = {name.removesuffix("_FILE") for name in environment}
                assert wanted <= given, (instance, wanted - given)

    def test_kubernetes_names_what_there_is(self) -> None:
        settings = settings_of_kubernetes()
        names = {(item["kind"], item["metadata"]["name"]) for item in manifests()}
        assert ("Namespace", settings["DAGSTER_K8S_NAMESPACE"]) in names
        assert ("ServiceAccount", settings["DAGSTER_K8S_SERVICE_ACCOUNT"]) in names
        assert ("Service", settings["DAGSTER_CODE_LOCATION_HOST"]) in names
        for name in _DAGSTER:
            assert ("ServiceAccount", pods()[name]["serviceAccountName"]) in names


class TestTheImage:
    def test_what_it_installs_is_what_was_tested(self) -> None:
        tested = _pins("requirements.lock")
        for lock in ("deploy/requirements.lock", "deploy/build.lock"):
            assert _pins(lock).items() <= tested.items(), lock

    def test_has_a_hash_for_all_that_it_installs(self) -> None:
        for lock in ("deploy/requirements.lock", "deploy/build.lock"):
            blocks = re.split(r"(?m)^(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"))[1:]
            assert blocks
            assert not [block for block in blocks if "--hash=sha256:" not in block]

    def test_what_it_copies_is_there_and_reaches_the_builder(self) -> None:
        lines = re.findall(r"^COPY (?!--from)(.+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        copied = {name for line in lines for name in line.split()[:-1] if not name.startswith("--")}
        assert {"sql", "sparkify_dagster", "deploy/dagster.yaml", "deploy/requirements.lock"} <= copied
        assert not {name for name in copied if not (ROOT / name).exists()}
        rules = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
        let_through = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
        assert let_through == copied

    def test_brings_no_secret_along(self) -> None:
        rules = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
        assert rules.index("*") < rules.index("!sql") < rules.index("**/.env*")

    def test_its_entrypoint_gives_the_password_from_a_file_and_takes_its_own_place(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("it's $HOME\n")
        told = self._enter({"DAGSTER_PG_PASSWORD_FILE": str(secret)})
        assert told.stdout == "it's $HOME\n"
        assert self._enter({"DAGSTER_PG_PASSWORD": "given"}).stdout == "given\n"

    def test_its_entrypoint_says_which_file_it_can_not_read(self, tmp_path: Path) -> None:
        told = self._enter({"DAGSTER_PG_PASSWORD_FILE": str(tmp_path / "missing")})
        assert told.returncode == 1
        assert "DAGSTER_PG_PASSWORD_FILE names" in told.stderr
        assert not told.stdout

    def _enter(self, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [DEPLOY / "entrypoint.sh", "printenv", "DAGSTER_PG_PASSWORD"]
        path = {"PATH": os.environ["PATH"]}
        return subprocess.run(command, env={**path, **environment}, capture_output=True, text=True, check=False)


class TestSecrets:
    def test_no_file_holds_one_or_a_default_for_one(self) -> None:
        assigned = re.compile(r"(?i)[\w-]*(?:password|secret|token|credential)[\w-]*(?::\s|=)\s*(.+)")
        for path in _files():
            for line in path.read_text("utf-8").splitlines():
                if line.lstrip().startswith(("#", "--hash")) or path.name in {"README.md", "dagster.yaml"}:
                    continue
                said = assigned.search(line)
                assert not said or _is_no_secret(said[1]), f"{path.name}: {line.strip()}"
            assert "BEGIN" not in path.read_text("utf-8")
            assert not re.search(r"AKIA[0-9A-Z]{16}", path.read_text("utf-8"))

    def test_compose_asks_for_what_has_no_default_and_mounts_secrets_as_files(self) -> None:
        written = "".join(path.read_text("utf-8") for path in _COMPOSE)
        secrets = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["secrets"]
        assert all(list(secret) == ["file"] and secret["file"].startswith("./secrets/") for secret in secrets.values())
        assert "/secrets/" in (DEPLOY / ".gitignore").read_text("utf-8").splitlines()
        for name in ("DAGSTER_LOGS_BUCKET", "SPARKIFY_OIDC_ISSUER", "SPARKIFY_OIDC_CLIENT_ID", "SPARKIFY_ADDRESS"):
            assert f"${{{name}:?" in written

    def test_ecs_lets_nobody_in_whom_the_provider_does_not_know(self) -> None:
        listeners = {
            name: [action["Type"] for action in item["Properties"]["DefaultActions"]]
            for name, item in template()["Resources"].items()
            if item["Type"] == "AWS::ElasticLoadBalancingV2::Listener"
        }
        assert listeners == {"HttpListener": ["redirect"], "HttpsListener": ["authenticate-oidc", "forward"]}

    def test_ecs_grants_all_of_a_service_only_where_aws_knows_nothing_narrower(self) -> None:
        wide = {
            action
            for item in template()["Resources"].values()
            if item["Type"] == "AWS::IAM::Role"
            for policy in item["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            if statement.get("Resource") == "*"
            for action in [statement["Action"]]
        }
        assert wide == {"ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ec2:DescribeNetworkInterfaces"}


def test_every_variable_is_in_the_readme() -> None:
    text = (DEPLOY / "README.md").read_text("utf-8")
    used = set(settings_of_kubernetes())
    for path in _COMPOSE:
        used |= set(_LOCATION.findall(path.read_text("utf-8")))
    for service in composed("compose.aws.yaml", "compose.oidc.yaml").values():
        used |= set(service["environment"])
    for container in ecs_containers().values():
        used |= set(_names(container))
    used = {name for name in used if not name.startswith(("POSTGRES_", "OAUTH2_PROXY_", "NGINX_"))}
    assert not {name for name in used if f"`{name}`" not in text}


def test_every_parameter_of_the_stack_is_in_the_readme() -> None:
    text = (DEPLOY / "README.md").read_text("utf-8")
    assert not {name for name in template()["Parameters"] if name not in text}


def _names(container: dict[str, Any]) -> list[str]:
    return [item["Name"] for item in container["Environment"] + container["Secrets"]]


def _pins(lock: str) -> dict[tuple[str, str], str]:
    """Versions by name and, where there are several, by what they are for."""
    found = re.findall(r"(?m)^([a-z0-9.\[\]_-]+)==(\S+)( ; [^\\]+)? \\$", (ROOT / lock).read_text("utf-8"))
    names = [name for name, _, _ in found]
    return {(name.split("[")[0], marker if names.count(name) > 1 else ""): version for name, version, marker in found}


def _files() -> list[Path]:
    skipped = ("*.lock", ".env")
    return [
        path
        for path in sorted(DEPLOY.rglob("*"))
        if path.is_file() and "secrets" not in path.parts and not any(fnmatch(path.name, name) for name in skipped)
    ]


def _is_no_secret(value: str) -> bool:
    """Whether a value only leads to a secret: a file, a name, a reference, or nothing."""
    leads = (r"[\"']?[$!{(\[&*|./~]", r"/", r"\w*PASSWORD", r"sparkify-", r"[\"']?(true|false)", r"arn:", r"\d+$", r"$")
    return any(re.match(lead, value.strip()) for lead in leads)
