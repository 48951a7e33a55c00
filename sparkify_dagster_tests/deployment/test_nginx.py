"""What the proxy before the webserver lets in, and what it passes on: a real nginx with ``deploy/nginx``."""

import json
import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from sparkify_dagster_tests.deployment.nginx import Proxy, variables, what_is_missing
from sparkify_dagster_tests.ui.server import Server, wait_for

pytestmark = pytest.mark.skipif(what_is_missing() is not None, reason=str(what_is_missing()))

_METHODS = ["GET", "POST", "PUT", "DELETE"]
_PATHS = [
    ("GET", "/"),
    ("GET", "/server_info"),
    ("GET", "/graphql?query={version}"),
    ("POST", "/graphql"),
    ("GET", "/logs/run/compute_logs/step.err"),
    ("GET", "/download_debug/run"),
    ("POST", "/report_asset_materialization/songplays"),
    ("GET", "/assets/main.js"),
    ("GET", "/healthz/../server_info"),
    ("GET", "//server_info"),
    ("GET", "/healthz/"),
    ("OPTIONS", "/graphql"),
]
_SPOOFED = {
    "X-Forwarded-User": "admin",
    "X-Forwarded-Email": "admin@example.com",
    "X-Forwarded-For": "10.0.0.1",
    "X-Real-IP": "10.0.0.1",
    "X-Auth-Request-User": "admin",
    "X-Auth-Request-Email": "admin@example.com",
    "Forwarded": "for=10.0.0.1",
    "Cookie": "session=made-up",
}


@contextmanager
def serving(app: Starlette) -> Iterator[int]:
    """Runs an application on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    came_up = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, came_up), daemon=True)
    thread.start()
    assert came_up.wait(30)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


def _serve(server: uvicorn.Server, came_up: threading.Event) -> None:
    startup = server.startup

    async def tell(sockets: Any = None) -> None:
        await startup(sockets)
        came_up.set()

    server.startup = tell
    server.run()


def webserver() -> Starlette:
    """Tells what has reached it, by HTTP and by WebSocket."""

    async def echo(request: Request) -> Response:
        return JSONResponse({"path": request.url.path, "headers": dict(request.headers)})

    async def echo_messages(socket: WebSocket) -> None:
        await socket.accept(subprotocol="graphql-ws")
        await socket.send_json(dict(socket.headers))
        await socket.send_text(await socket.receive_text())
        await socket.close()

    return Starlette(routes=[WebSocketRoute("/graphql", echo_messages), Route("/{path:path}", echo, methods=_METHODS)])


def oauth2_proxy() -> Starlette:
    """Stands in for oauth2-proxy: it knows one session, and answers as the true one does for nginx."""

    async def auth(request: Request) -> Response:
        if request.cookies.get("session") != "known":
            return Response(status_code=401)
        return Response(status_code=202, headers={"X-Auth-Request-User": "ada"})

    async def start(request: Request) -> Response:
        back = request.headers.get("X-Auth-Request-Redirect", "")
        return RedirectResponse(f"https://provider.example/authorize?state={back}")

    return Starlette(routes=[Route("/oauth2/auth", auth), Route("/oauth2/start", start)])


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with serving(webserver()) as port:
        yield port


@pytest.fixture(scope="module")
def proxy(upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    proxy = Proxy(upstream, tmp_path_factory.mktemp("proxy"))
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture(scope="module")
def oidc(upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with serving(oauth2_proxy()) as port:
        proxy = Proxy(upstream, tmp_path_factory.mktemp("oidc"), access="oidc", oauth2_port=port)
        proxy.start()
        yield proxy
        proxy.stop()


@pytest.fixture
def before_dagster(tmp_path: Path) -> Iterator[Proxy]:
    """The proxy before a true webserver, that has no code location."""
    command = [str(Path(sys.executable).parent / "dagster-webserver"), "--empty-workspace", "--host", "127.0.0.1"]
    with Server(command, tmp_path, {"DAGSTER_HOME": str(tmp_path)}, tmp_path / "printed.log") as server:
        proxy = Proxy(server.port, tmp_path)
        proxy.start()
        try:
            wait_for("the webserver", lambda: ask(proxy, "GET", "/server_info", auth=let_in(proxy)).ok, 90, every=0.1)
            yield proxy
        finally:
            proxy.stop()


@pytest.fixture(autouse=True)
def straight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes by way of a proxy of the machine."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def ask(
    proxy: Proxy,
    method: str,
    path: str,
    *,
    auth: tuple[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    """Asks, as given: no path is tidied up, and no redirection followed."""
    session = requests.Session()
    request = session.prepare_request(requests.Request(method, proxy.url, auth=auth, headers=headers))
    request.url = f"{proxy.url}{path}"
    return session.send(request, verify=str(proxy.ca_file), allow_redirects=False, timeout=30)


def let_in(proxy: Proxy) -> tuple[str, str]:
    return proxy.user, proxy.password


def trusting(proxy: Proxy) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(proxy.ca_file))


class TestStrangers:
    @pytest.mark.parametrize(("method", "path"), _PATHS)
    def test_are_refused_on_every_kind_of_path(self, proxy: Proxy, method: str, path: str) -> None:
        answer = ask(proxy, method, path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert "headers" not in answer.text

    @pytest.mark.parametrize("auth", [("sparkify", "wrong"), ("sparkify", ""), ("nobody", "wrong"), ("", "")])
    def test_do_not_guess_a_password(self, proxy: Proxy, auth: tuple[str, str]) -> None:
        assert ask(proxy, "GET", "/", auth=auth).status_code == 401

    @pytest.mark.parametrize("value", ["Basic", "Basic x", "Bearer x", "basic c3BhcmtpZnk6"])
    def test_do_not_come_in_by_a_broken_header(self, proxy: Proxy, value: str) -> None:
        assert ask(proxy, "GET", "/", headers={"Authorization": value}).status_code == 401

    def test_get_no_websocket(self, proxy: Proxy) -> None:
        with pytest.raises(InvalidStatus, match="401"), connect(_websocket(proxy), ssl=trusting(proxy)):
            pass

    def test_learn_nothing_from_the_health_path(self, proxy: Proxy) -> None:
        answer = ask(proxy, "GET", "/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert answer.headers["Server"] == "nginx"


class TestWhoKnowsThePassword:
    def test_comes_in(self, proxy: Proxy) -> None:
        answer = ask(proxy, "POST", "/graphql", auth=let_in(proxy))
        assert answer.status_code == 200
        assert answer.json()["path"] == "/graphql"

    def test_talks_by_websocket(self, proxy: Proxy, upstream: int) -> None:
        with _talking_to(proxy) as socket:
            headers = socket.recv()
            socket.send("hello")
            assert socket.recv() == "hello"
        assert "authorization" not in str(headers).lower()

    def test_keeps_the_password_from_the_webserver(self, proxy: Proxy) -> None:
        headers = ask(proxy, "GET", "/", auth=let_in(proxy)).json()["headers"]
        assert "authorization" not in headers
        assert proxy.password not in str(headers)

    def test_can_not_say_that_he_is_somebody_else_or_somewhere_else(self, proxy: Proxy) -> None:
        headers = ask(proxy, "GET", "/", auth=let_in(proxy), headers=_SPOOFED).json()["headers"]
        assert headers["x-forwarded-user"] == proxy.user
        assert headers["x-forwarded-for"] == headers["x-real-ip"] == "127.0.0.1"
        assert headers["x-forwarded-proto"] == "https"
        assert not {"x-forwarded-email", "x-auth-request-user", "x-auth-request-email", "forwarded", "cookie"} & set(
            headers
        )

    def test_leaves_no_password_and_no_query_in_the_log(self, proxy: Proxy) -> None:
        ask(proxy, "GET", "/seen?token=hidden", auth=let_in(proxy))
        # A password typed into the field of the name.
        ask(proxy, "GET", "/wrong-field", auth=("typed-by-mistake", ""))
        lines = [line for line in proxy.log.read_text().splitlines() if "[error]" not in line]
        assert any(" GET /seen 200 " in line and f" {proxy.user} " in line for line in lines)
        assert not [line for line in lines if "hidden" in line or "typed-by-mistake" in line or proxy.password in line]


class TestOtherSites:
    @pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1", "https://127.0.0.1"])
    def test_can_not_use_the_password_that_a_browser_remembers(self, proxy: Proxy, origin: str) -> None:
        answer = ask(proxy, "POST", "/graphql", auth=let_in(proxy), headers={"Origin": origin})
        assert answer.status_code == 403

    def test_can_not_use_it_by_websocket(self, proxy: Proxy) -> None:
        with (
            pytest.raises(InvalidStatus, match="403"),
            connect(
                _websocket(proxy),
                ssl=trusting(proxy),
                additional_headers=_basic(proxy),
                origin=_origin("https://elsewhere.example"),
            ),
        ):
            pass

    def test_are_not_the_platforms_own_pages(self, proxy: Proxy) -> None:
        answer = ask(proxy, "POST", "/graphql", auth=let_in(proxy), headers={"Origin": proxy.url})
        assert answer.status_code == 200


class TestTls:
    def test_plain_http_is_sent_on(self, proxy: Proxy) -> None:
        answer = requests.get(f"{proxy.http_url}/runs?state=failed", allow_redirects=False, timeout=30)
        assert answer.status_code == 308
        assert answer.headers["Location"] == f"{proxy.url}/runs?state=failed"

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_what_is_current_is_spoken(self, proxy: Proxy, version: ssl.TLSVersion) -> None:
        assert self._handshake(proxy, version) == version.name.replace("_", ".")

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
    def test_what_is_old_is_refused(self, proxy: Proxy) -> None:
        # By nginx, not by the client, which would speak it.
        with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
            self._handshake(proxy, ssl.TLSVersion.TLSv1_1)

    def test_browsers_are_told_to_stay_with_it_and_not_to_be_framed(self, proxy: Proxy) -> None:
        for answer in (ask(proxy, "GET", "/", auth=let_in(proxy)), ask(proxy, "GET", "/")):
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def _handshake(self, proxy: Proxy, version: ssl.TLSVersion) -> str | None:
        context = trusting(proxy)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        host, port = proxy.url.removeprefix("https://").split(":")
        with (
            socket.create_connection((host, int(port)), 30) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            return secure.version()


class TestOpenIdProvider:
    def test_a_page_leads_a_stranger_to_the_provider_and_back_to_itself(self, oidc: Proxy) -> None:
        answer = ask(oidc, "GET", "/runs/1?tab=logs", headers={"Accept": "text/html,*/*"})
        assert answer.status_code in {302, 307}
        assert answer.headers["Location"] == "https://provider.example/authorize?state=/runs/1?tab=logs"

    @pytest.mark.parametrize(("method", "path"), _PATHS)
    def test_anything_else_of_a_stranger_is_refused(self, oidc: Proxy, method: str, path: str) -> None:
        assert ask(oidc, method, path, headers={"Accept": "*/*"}).status_code == 401

    def test_a_stranger_gets_no_websocket(self, oidc: Proxy) -> None:
        with pytest.raises(InvalidStatus, match="401"), connect(_websocket(oidc), ssl=trusting(oidc)):
            pass

    def test_a_stranger_can_not_name_himself(self, oidc: Proxy) -> None:
        assert ask(oidc, "GET", "/graphql", headers={**_SPOOFED, "Accept": "*/*"}).status_code == 401

    def test_who_is_signed_in_comes_in_under_the_providers_name_and_no_other(self, oidc: Proxy) -> None:
        answer = ask(oidc, "GET", "/", headers={**_SPOOFED, "Cookie": "session=known"})
        headers = answer.json()["headers"]
        assert headers["x-forwarded-user"] == "ada"
        assert not {"x-forwarded-email", "x-auth-request-user", "x-auth-request-email", "cookie"} & set(headers)

    def test_the_question_to_oauth2_proxy_can_not_be_asked_from_outside(self, oidc: Proxy) -> None:
        assert ask(oidc, "GET", "/oauth2/auth", headers={"Cookie": "session=known"}).status_code == 404

    def test_the_health_path_needs_nobody(self, oidc: Proxy) -> None:
        assert ask(oidc, "GET", "/healthz").text == "ok\n"


class TestDagstersOwnWebserver:
    def test_shows_its_page_and_answers_by_websocket(self, before_dagster: Proxy) -> None:
        page = ask(before_dagster, "GET", "/", auth=let_in(before_dagster))
        assert page.status_code == 200
        assert "Content-Security-Policy" in page.headers
        with _talking_to(before_dagster) as socket:
            socket.send('{"type": "connection_init"}')
            assert json.loads(socket.recv(30)) == {"type": "connection_ack"}


class TestTheProcess:
    def test_a_webserver_that_is_away_is_an_error_and_not_a_way_in(self, tmp_path: Path) -> None:
        proxy = Proxy(1, tmp_path)
        proxy.start()
        try:
            assert ask(proxy, "GET", "/").status_code == 401
            assert ask(proxy, "GET", "/", auth=let_in(proxy)).status_code == 502
        finally:
            proxy.stop()

    @pytest.mark.skipif(os.geteuid() != 0, reason="who isn't root runs all of these tests as an ordinary user anyway")
    def test_needs_no_root_and_writes_nowhere_but_into_its_folder(self, upstream: int) -> None:
        # Not in pytest's own folder, which nobody else may look into.
        folder = Path(tempfile.mkdtemp())
        folder.chmod(0o755)
        proxy = Proxy(upstream, folder, as_user="nobody")
        try:
            proxy.start()
            assert (
                ask(proxy, "POST", "/graphql", auth=let_in(proxy), headers={"X-Large": "x" * 5000}).status_code == 200
            )
            assert "[warn]" not in proxy.log.read_text()
            owned = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.owner() == "nobody"}
            assert owned == {"nginx", "nginx.log"}
        finally:
            proxy.stop()
            shutil.rmtree(folder)

    def test_every_variable_of_the_templates_is_filled_in(self, proxy: Proxy) -> None:
        assert variables() == set(proxy.values)


def _websocket(proxy: Proxy) -> str:
    return f"{proxy.url.replace('https://', 'wss://')}/graphql"


def _basic(proxy: Proxy) -> dict[str, str]:
    return {
        "Authorization": str(requests.Request("GET", proxy.url, auth=let_in(proxy)).prepare().headers["Authorization"])
    }


def _talking_to(proxy: Proxy) -> ClientConnection:
    """A WebSocket as the UI's own page opens it."""
    return connect(
        _websocket(proxy),
        ssl=trusting(proxy),
        additional_headers=_basic(proxy),
        subprotocols=[Subprotocol("graphql-ws")],
        origin=_origin(proxy.url),
        # Whatever else the machine does meanwhile: a webserver that just began has much to import.
        open_timeout=90,
    )


def _origin(url: str) -> Origin:
    return Origin(url)
