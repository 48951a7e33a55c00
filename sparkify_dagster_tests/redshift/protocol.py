"""The messages of PostgreSQL's protocol 3, which Redshift speaks.

What belongs here: putting messages together and taking them apart. What doesn't: when which one is sent.
"""

import struct
from collections.abc import Mapping
from io import BufferedReader

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
PROTOCOL = 196608

SUPER_OID = 4000

Message = tuple[bytes, bytes]


class ConnectionEnded(Exception):
    """The other side is gone."""


def message(code: bytes, body: bytes = b"") -> bytes:
    """A message, with its code and length."""
    return code + struct.pack("!i", len(body) + 4) + body


def read_message(source: BufferedReader) -> Message:
    """The next message: its code and its body."""
    head = read_exactly(source, 5)
    return head[:1], read_exactly(source, int.from_bytes(head[1:], "big") - 4)


def read_exactly(source: BufferedReader, size: int) -> bytes:
    """So many bytes."""
    try:
        data = source.read(size) if size else b""
    except (OSError, ValueError) as error:
        raise ConnectionEnded from error
    if data is None or len(data) < size:
        raise ConnectionEnded
    return data


def read_startup(source: BufferedReader) -> tuple[int, bytes]:
    """The first packet of a connection: its code, and what follows."""
    (size,) = struct.unpack("!i", read_exactly(source, 4))
    if not 8 <= size <= 10_000:
        raise ConnectionEnded
    body = read_exactly(source, size - 4)
    return int.from_bytes(body[:4], "big"), body[4:]


def startup(parameters: Mapping[str, str]) -> bytes:
    """The packet that begins a session."""
    body = struct.pack("!i", PROTOCOL) + b"".join(text(key) + text(value) for key, value in parameters.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def parameters_of(body: bytes) -> dict[str, str]:
    """The parameters of a packet that begins a session."""
    parts = body.split(b"\0")
    return {key.decode(): value.decode() for key, value in zip(parts[::2], parts[1::2], strict=False) if key}


def text(value: str) -> bytes:
    """A text with the zero byte that ends it."""
    return value.encode() + b"\0"


def text_at(body: bytes, place: int = 0) -> tuple[str, int]:
    """The text at a place of a body, and the place behind it."""
    end = body.index(b"\0", place)
    return body[place:end].decode(), end + 1


def error(fields: Mapping[str, str]) -> bytes:
    """An ErrorResponse."""
    return message(b"E", _fields(fields))


def notice(text_: str) -> bytes:
    """A notice of severity INFO."""
    return message(b"N", _fields({"S": "INFO", "C": "00000", "M": text_}))


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse or a notice."""
    return {part[:1].decode(): part[1:].decode(errors="replace") for part in body.split(b"\0") if part}


def command_complete(tag: str) -> bytes:
    """The end of a statement."""
    return message(b"C", text(tag))


def ready(status: bytes) -> bytes:
    """The end of an exchange, with the state of the transaction: I, T or E."""
    return message(b"Z", status)


def parse_message(name: str, sql: str, types: bytes) -> bytes:
    """Prepares a statement."""
    return message(b"P", text(name) + text(sql) + types)


def parts_of_parse(body: bytes) -> tuple[str, str, bytes]:
    """Name, statement and types of parameters of a Parse."""
    name, place = text_at(body)
    sql, place = text_at(body, place)
    return name, sql, body[place:]


def with_super(body: bytes, oid: int) -> bytes:
    """A RowDescription in which the double's own type bears the number of Redshift's SUPER."""
    ours = struct.pack("!i", oid)
    if ours not in body:
        return body
    changed = bytearray(body)
    place = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        place = body.index(b"\0", place) + 1 + 6
        if body[place : place + 4] == ours:
            changed[place : place + 4] = struct.pack("!i", SUPER_OID)
        place += 12
    return bytes(changed)


def row_of(body: bytes) -> list[str | None]:
    """The values of a DataRow in text format."""
    values: list[str | None] = []
    place = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        (size,) = struct.unpack_from("!i", body, place)
        place += 4
        if size < 0:
            values.append(None)
        else:
            values.append(body[place : place + size].decode())
            place += size
    return values


def _fields(fields: Mapping[str, str]) -> bytes:
    return b"".join(key.encode() + text(value) for key, value in fields.items()) + b"\0"
