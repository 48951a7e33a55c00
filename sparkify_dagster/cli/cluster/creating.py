"""``sparkify cluster create``.

What belongs here: what was said with the command, and telling what is made. What doesn't: making it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkify_dagster.cli.cluster.opening import settings_of, the_account
from sparkify_dagster.cli.output import say, show_table, warn
from sparkify_dagster.cluster.callers_address import callers_address
from sparkify_dagster.cluster.creating import Step, create, plan_creation
from sparkify_dagster.cluster.environment_file import variables, write_environment_file
from sparkify_dagster.cluster.lake_region import check_lake
from sparkify_dagster.cluster.platform import Platform, plan_platform
from sparkify_dagster.cluster.provisioned import REQUIRED
from sparkify_dagster.cluster.resource import PLATFORM_TAG
from sparkify_dagster.cluster.wishes import Wishes, check_network, is_private
from sparkify_dagster.errors import SettingsError, SparkifyError
from sparkify_dagster.settings.cluster import ClusterSettings, check_creation


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions:
    """What was said with ``sparkify cluster create``; see its options."""

    name: str | None
    serverless: bool
    nodes: int | None
    node_type: str | None
    base_capacity: int
    usage_limit: int
    cidr: tuple[str, ...]
    public: bool | None
    subnet: tuple[str, ...]
    subnet_group: str | None
    read_all_buckets: bool
    tag: tuple[str, ...]
    write_env: Path | None
    dry_run: bool


def run_create(options: CreateOptions) -> None:
    """Makes the platform, or what is missing of it.

    Raises:
        SparkifyError: Something is in the way; what was made until then stays, and is taken up next time.
    """
    settings = settings_of(options.name, nodes=options.nodes, node_type=options.node_type)
    check_creation(settings)
    account = the_account()
    check_lake(account, settings.lake, settings.manifests)
    platform = plan_platform(account, _wishes(settings, options), "serverless" if options.serverless else "provisioned")
    steps = plan_creation(platform)
    _show_creation(platform, steps, dry_run=options.dry_run)
    if options.dry_run:
        return
    try:
        create(steps)
    except (SparkifyError, KeyboardInterrupt):
        warn("What was made stays. The same command goes on from here, `sparkify cluster destroy` removes it.")
        raise
    values = variables(platform, settings.lake_setting)
    _tell_readiness(platform)
    show_table("", ["setting", "value"], list(values.items()))
    say("The administrator's password is in Secrets Manager, in the secret of REDSHIFT_SECRET_ARN.")
    if options.write_env is not None:
        write_environment_file(options.write_env, values)
        say(f"These settings are in {options.write_env}. Next: sparkify config, then sparkify load")


def _wishes(settings: ClusterSettings, options: CreateOptions) -> Wishes:
    _check_fits(options)
    networks = tuple(sorted({check_network(text) for text in options.cidr or (callers_address(),)}))
    reached_from_outside = any(not is_private(network) for network in networks)
    return Wishes(
        settings=settings,
        networks=networks,
        public=reached_from_outside if options.public is None else options.public,
        subnets=tuple(sorted(set(options.subnet))),
        subnet_group=options.subnet_group,
        reads_all_buckets=options.read_all_buckets,
        base_capacity=options.base_capacity,
        usage_limit=options.usage_limit,
        labels=_labels(options.tag),
    )


def _check_fits(options: CreateOptions) -> None:
    if options.subnet and options.subnet_group:
        raise SettingsError("--subnet and --subnet-group exclude each other: name the subnets, or a group of them.")
    if options.serverless and (options.nodes or options.node_type or options.subnet_group):
        raise SettingsError(
            "--nodes, --node-type and --subnet-group are for a cluster: leave them out, or --serverless."
        )


def _labels(tags: Sequence[str]) -> dict[str, str]:
    labels = {}
    for tag in tags:
        key, equals, value = tag.partition("=")
        if not key or not equals or key.lower().startswith(("aws:", PLATFORM_TAG.partition(":")[0] + ":")):
            raise SparkifyError(f"--tag {tag}: it is KEY=VALUE, and the key begins neither with aws: nor sparkify:.")
        labels[key] = value
    return labels


def _show_creation(platform: Platform, steps: Sequence[Step], *, dry_run: bool) -> None:
    account = platform.owner.account
    say(f"Platform {platform.owner.name!r} in {account.region}, account {account.number}")
    rows = [[f"would {step.action}" if dry_run else step.action, step.resource.title, step.reason] for step in steps]
    show_table("", ["", "resource", "costs, or why"], rows)


def _tell_readiness(platform: Platform) -> None:
    found = platform.warehouse.look()
    if found is not None and found.state == "paused":
        say(f"The platform {platform.owner.name!r} is whole, and paused: `sparkify cluster resume` wakes it.")
    else:
        say(f"The platform {platform.owner.name!r} is ready.")
    if found is not None and (tls := found.facts.get("TLS", REQUIRED)) != REQUIRED:
        say(f"TLS is {tls}: reboot the {platform.warehouse.title} in the console of AWS when no load runs.")
