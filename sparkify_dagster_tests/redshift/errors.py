"""The errors that the double answers with, in the words and codes of Redshift.

What belongs here: the error itself, those that several modules raise, and PostgreSQL's errors told as Redshift tells
them. What doesn't: errors of single records, which COPY keeps in its views (``records``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

OCTETS = "redshift_octets_"
"""How the constraints are named that stand for the length of a VARCHAR, in bytes."""


@dataclass
class ServerError(Exception):
    """An error as it goes to the client.

    Attributes:
        code: SQLSTATE.
        message: The text.
        detail: More of it; "" where there is none.
        severity: ``ERROR``, or ``FATAL`` where the connection ends.
    """

    code: str
    message: str
    detail: str = ""
    severity: str = "ERROR"

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.detail}".rstrip()

    def fields(self) -> dict[str, str]:
        """The fields of the protocol's ErrorResponse."""
        fields = {"S": self.severity, "C": self.code, "M": self.message}
        if self.detail:
            fields["D"] = self.detail
        return fields


def serialization_failure(table: str = "106543") -> ServerError:
    """Error 1023: the transaction would not be serializable."""
    return ServerError(
        "XX000",
        "1023",
        f"Serializable isolation violation on table - {table}, transactions forming the cycle are: "
        f"1028, 1031 (pid:1073840306)",
    )


def too_long(declared: str) -> ServerError:
    """A text of more bytes than its column takes."""
    return ServerError(
        "22001",
        "Value too long for character type",
        "\n  -----------------------------------------------\n  error:  Value too long for character type\n"
        f"  code:      8001\n  context:   Value too long for type {declared}\n",
    )


def unsupported(what: str) -> ServerError:
    """What Redshift's grammar or feature list lacks."""
    return ServerError("0A000", what)


def syntax_error(near: str) -> ServerError:
    """What Redshift's parser refuses."""
    return ServerError("42601", f'syntax error at or near "{near}"')


def aborted() -> ServerError:
    """A statement after an error within a transaction."""
    return ServerError("25P02", "current transaction is aborted, commands ignored until end of transaction block")


def in_words_of_redshift(fields: Mapping[str, str]) -> dict[str, str]:
    """PostgreSQL's error as Redshift tells it."""
    code, message = fields.get("C", ""), fields.get("M", "")
    if code == "40001":
        return serialization_failure().fields()
    if code == "23514" and fields.get("n", "").startswith(OCTETS):
        return too_long("character varying").fields()
    if code == "22001" and (found := re.search(r"character(?: varying)?\(\d+\)", message)):
        return too_long(found[0]).fields()
    if code == "23502":
        return ServerError(code, f"Cannot insert a NULL value into column {fields.get('c', '')}").fields()
    if code == "57014":
        return ServerError(code, "Query (1001) cancelled on user's request", message).fields()
    return {key: value for key, value in fields.items() if key in "SCMDHPFLR"}
