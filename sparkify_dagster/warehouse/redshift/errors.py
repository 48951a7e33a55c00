"""What the errors of Redshift and its driver mean.

What belongs here: telling whether a transaction may be tried again, and words for people. What doesn't: trying again,
and the errors of connecting (``connecting``).
"""

import struct

from sparkify_dagster.errors import TransactionLost, WarehouseError

_SERIALIZATION = "1023"
_GIVEN_UP = frozenset({"40001", "40P01"})
_SERVER_GONE = frozenset({"57P01", "57P02", "57P03", "08000", "08003", "08006"})
_CANCELLED = "57014"
_ALREADY_THERE = frozenset({"42P06", "42P07", "23505"})
_LOAD_ERROR_VIEWS = ("sys_load_error_detail", "stl_load_errors")


class StatementFailed(Exception):
    """A statement was refused, or nobody knows what became of it.

    Attributes:
        sqlstate: The server's SQLSTATE; "" where the server said nothing.
        text: What the server says, or else the driver, in one line.
        lost: Whether the connection is gone.
    """

    def __init__(self, error: Exception) -> None:
        fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        self.sqlstate = str(fields.get("C", ""))
        text = f"{fields.get('M', '')} {fields.get('D', '')}" if fields else str(error) or type(error).__name__
        self.text = " ".join(text.split())
        self.lost = self.sqlstate in _SERVER_GONE if fields else _breaks_off(error)
        super().__init__(self.text)

    @property
    def given_up(self) -> bool:
        """Whether the server gave the transaction up for another one's sake."""
        return self.sqlstate in _GIVEN_UP or self.text.startswith(_SERIALIZATION)

    @property
    def cancelled(self) -> bool:
        """Whether it was cut off, by its timeout or by somebody."""
        return self.sqlstate == _CANCELLED

    @property
    def already_there(self) -> bool:
        """Whether another session has just created the same."""
        return self.sqlstate in _ALREADY_THERE

    @property
    def for_bad_data(self) -> bool:
        """Whether a COPY failed for what is in the files, not for what it may read or was told."""
        return any(view in self.text.lower() for view in _LOAD_ERROR_VIEWS)


def is_of_the_driver(error: Exception) -> bool:
    """Whether an error comes from the driver or its socket, and not from a mistake in calling it."""
    return type(error).__module__.partition(".")[0] == "redshift_connector" or isinstance(error, OSError | struct.error)


def for_people(failed: StatementFailed, location: str) -> WarehouseError:
    """The error to raise for a statement that failed in a transaction, of which then nothing is committed."""
    if failed.given_up:
        return TransactionLost(
            f"Redshift ({location}) gave the transaction up, since another one wrote to the same tables (1023). "
            "Try again when the other has ended."
        )
    if failed.lost:
        return TransactionLost(
            f"the connection to Redshift ({location}) was lost in a transaction, of which nothing is committed. "
            "Try again; if it stays so, look at the cluster's health and at the network."
        )
    if failed.already_there:
        return TransactionLost(f"another run is creating the tables of {location}. Try again when it has ended.")
    if failed.cancelled:
        return WarehouseError(
            f"Redshift ({location}) cancelled a statement: it took longer than REDSHIFT_STATEMENT_TIMEOUT, or somebody "
            "stopped it. Nothing was changed."
        )
    return WarehouseError(f"Redshift ({location}): {failed.text}")


def _breaks_off(error: Exception) -> bool:
    """Whether the driver's error is of the connection, such as a socket that was closed in the middle of an answer."""
    return isinstance(error, OSError | struct.error) or type(error).__name__ in {"InterfaceError", "OperationalError"}
