"""What a cluster and a workgroup of Redshift Serverless have in common.

What belongs here: what is asked of the one that a platform has. What doesn't: what only one of them knows.
"""

from abc import abstractmethod
from dataclasses import dataclass

from sparkify_dagster.cluster.resource import Resource


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a warehouse is, and who may log in.

    Attributes:
        host: Its name.
        port: Its port.
        secret_arn: The secret with the administrator's password; None where AWS does not tell one.
    """

    host: str
    port: int
    secret_arn: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that stays when the warehouse goes.

    Attributes:
        name: Its name.
        state: Its state, such as "available".
        ours: Whether it was made with the platform's tags.
    """

    name: str
    state: str
    ours: bool


def reached_from(public: object) -> str:
    """From where a warehouse is reached, in words."""
    return "the internet, for those let in" if public else "its VPC alone"


class Warehouse(Resource):
    """The warehouse of a platform."""

    @abstractmethod
    def endpoint(self) -> Endpoint:
        """Says where it is; only where it is ready."""

    @abstractmethod
    def snapshots(self) -> list[Snapshot]:
        """Lists the snapshots that were not made by AWS of itself, also where the warehouse is gone."""

    @abstractmethod
    def take_snapshot(self, name: str) -> None:
        """Begins a snapshot, with the tags."""

    @abstractmethod
    def remove_snapshot(self, name: str) -> None:
        """Removes a snapshot."""

    def check_pauses(self) -> None:
        """Checks that it is of a kind that is paused and resumed at all.

        Raises:
            SparkifyError: It is not; the message says why that is no loss.
        """

    @abstractmethod
    def pause(self) -> None:
        """Pauses it.

        Raises:
            SparkifyError: It can't be.
        """

    @abstractmethod
    def resume(self) -> None:
        """Resumes it.

        Raises:
            SparkifyError: It can't be.
        """
