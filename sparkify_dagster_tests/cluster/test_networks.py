"""Who may connect: never the world; and this machine's own address."""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkify_dagster.cluster.callers_address import callers_address
from sparkify_dagster.cluster.wishes import MOST_ADDRESSES, check_network, is_private
from sparkify_dagster.errors import SettingsError, SparkifyError

# RFC 1918, and RFC 6598's, which networks of AWS use too.
PRIVATE = [
    ipaddress.IPv4Network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
]
networks = st.builds(
    lambda address, length: f"{ipaddress.IPv4Address(address)}/{length}", st.integers(0, 2**32 - 1), st.integers(0, 32)
)


def public_addresses(network: ipaddress.IPv4Network) -> int:
    """How many of a network's addresses are not private."""
    inside = sum(private.num_addresses for private in PRIVATE if private.subnet_of(network))
    if any(network.subnet_of(private) for private in PRIVATE):
        return 0
    return network.num_addresses - inside


@given(networks)
def test_no_network_is_taken_that_holds_more_of_the_internet_than_one_may_own(text: str) -> None:
    network = ipaddress.IPv4Network(text, strict=False)
    if public_addresses(network) > MOST_ADDRESSES:
        with pytest.raises(SettingsError, match="would let in the world"):
            check_network(text)
    else:
        assert check_network(text) == str(network)
        assert is_private(str(network)) == (public_addresses(network) == 0)


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "1.2.3.4/0", "10.0.0.0/7", "240.0.0.0/4", "8.0.0.0/15"]
)
def test_the_world_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(SettingsError, match="would let in the world"):
        check_network(text)


@given(st.text(max_size=30))
def test_whatever_is_no_network_is_refused_in_one_line(text: str) -> None:
    try:
        expected = str(ipaddress.IPv4Network(text.strip(), strict=False))
    except ValueError:
        with pytest.raises(SettingsError, match=r"(?s)^--cidr "):
            check_network(text)
    else:
        assert check_network(text) == expected


@pytest.mark.parametrize(
    ("text", "network"),
    [("8.8.4.4", "8.8.4.4/32"), (" 10.1.2.3/8 ", "10.0.0.0/8"), ("8.8.0.0/16", "8.8.0.0/16")],
)
def test_a_network_is_brought_to_its_usual_form(text: str, network: str) -> None:
    assert check_network(text) == network


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that answers one connection with these bytes, whatever they are."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)


def test_this_machines_address_is_what_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n8.8.4.4 \n") as service:
        assert callers_address(service) == "8.8.4.4"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n2001:db8::",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n8.8",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_an_answer_that_is_no_address_is_told_in_one_line(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with (
        answering(answer) as service,
        pytest.raises(SparkifyError, match=r"does not tell this machine's address: name .* by --cidr"),
    ):
        callers_address(service)
