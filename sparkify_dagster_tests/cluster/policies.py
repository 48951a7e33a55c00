"""The policies in `deploy/policies`: what `sparkify cluster policy` prints for an account that is an example.

    python -m sparkify_dagster_tests.cluster.policies     # writes them anew

What belongs here: writing them. What doesn't: what is in them (``sparkify_dagster.cluster.permissions``).
"""

import json
from pathlib import Path

from sparkify_dagster.cluster.account import Account
from sparkify_dagster.cluster.permissions import COMMANDS, policy_for
from sparkify_dagster.cluster.platform import planned
from sparkify_dagster.cluster.resource import Owner, PlatformKind
from sparkify_dagster.cluster.wishes import Wishes
from sparkify_dagster.settings.cluster import read_cluster

FOLDER = Path(__file__).parent.parent.parent / "deploy" / "policies"
LAKE = "s3://sparkify-lake"
NEVER_PAUSED = ("pause", "resume")


class _Example(Account):
    """An account that is known without being asked."""

    @property
    def region(self) -> str:  # type: ignore[override]
        return "us-west-2"

    @property
    def number(self) -> str:  # type: ignore[override]
        return "123456789012"

    @property
    def partition(self) -> str:
        return "aws"


def policies() -> dict[Path, str]:
    """What is in each file."""
    settings = read_cluster(environment={"SPARKIFY_LAKE": LAKE})
    written = {}
    kinds: tuple[tuple[PlatformKind, Path], ...] = (("provisioned", FOLDER), ("serverless", FOLDER / "serverless"))
    for kind, folder in kinds:
        platform = planned(Owner(_Example(), settings.name, kind), Wishes(settings))
        for command in COMMANDS:
            if kind == "provisioned" or command not in NEVER_PAUSED:
                document = policy_for(command, platform, settings)
                written[folder / f"{command}.json"] = json.dumps(document, indent=2) + "\n"
    return written


if __name__ == "__main__":
    for path, text in policies().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
