"""What tests talk through: a connection of the real driver, and a bucket.

What belongs here: shorthands. What doesn't: expectations.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sparkify_dagster_tests.redshift.double import RedshiftDouble

ROLE = "arn:aws:iam::123456789012:role/loader"


class Failed(Exception):
    """An error that the server answered with: its SQLSTATE, message and detail."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.code, self.message, self.detail = fields["C"], fields["M"], fields.get("D", "")
        super().__init__(f"{self.code} {self.message} {self.detail}")


class Client:
    """A connection of redshift_connector, on autocommit: BEGIN and COMMIT are statements."""

    def __init__(self, connection: Any) -> None:
        connection.autocommit = True
        self.connection = connection

    @classmethod
    def of(cls, double: RedshiftDouble, schema: str, **arguments: Any) -> Self:
        """Connects, and looks into a schema."""
        import redshift_connector

        client = cls(redshift_connector.connect(**{**double.connect_arguments(), **arguments}))
        client.run(f"SET search_path TO {schema}")
        return client

    def run(self, statement: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Runs a statement, and returns its rows.

        Raises:
            Failed: The server refused it.
        """
        import redshift_connector

        with self.connection.cursor() as cursor:
            try:
                cursor.execute(statement, parameters)
            except redshift_connector.Error as error:
                if error.args and isinstance(error.args[0], dict):
                    raise Failed(error.args[0]) from None
                raise
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def value(self, statement: str, parameters: Sequence[Any] | None = None) -> Any:
        """The only value of the only row."""
        ((value,),) = self.run(statement, parameters)
        return value


@dataclass
class Files:
    """A bucket."""

    s3: Any
    bucket: str

    def put(self, key: str, body: str | bytes, *, packed: bool = False) -> str:
        """Writes an object, and returns its address."""
        data = body.encode() if isinstance(body, str) else body
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=gzip.compress(data) if packed else data)
        return self.address(key)

    def records(self, key: str, *records: Mapping[str, Any], packed: bool = False) -> str:
        """Writes records, one a line."""
        return self.put(key, "".join(json.dumps(record) + "\n" for record in records), packed=packed)

    def manifest(self, *entries: Mapping[str, Any], key: str = "load.manifest") -> str:
        """Writes a manifest."""
        return self.put(key, json.dumps({"entries": entries}))

    def paths(self, *paths: str, key: str = "paths.json") -> str:
        """Writes a JSONPaths file."""
        return self.put(key, json.dumps({"jsonpaths": paths}))

    def address(self, key: str) -> str:
        """The address of a key."""
        return f"s3://{self.bucket}/{key}"
