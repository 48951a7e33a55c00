"""nginx with the configuration of ``deploy/nginx``, as the proxy before a webserver of this machine.

What belongs here: filling in what a deployment fills in, making a certificate and a password, starting and ending it.
What doesn't: what it is asked, and the webserver.
"""

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Literal

from sparkify_dagster_tests.redshift.certificates import make_certificates
from sparkify_dagster_tests.ui.server import free_port

TEMPLATES = Path(__file__).parent.parent.parent / "deploy" / "nginx"

_VARIABLE = re.compile(r"\$\{(PROXY_[A-Z0-9_]+|NGINX_LOCAL_RESOLVERS)\}")
_LONGEST_START = 30.0


def what_is_missing() -> str | None:
    """What this machine lacks to run the proxy, in a few words; None where it lacks nothing."""
    if _nginx() is None:
        return "nginx is not installed (on Debian: apt-get install nginx-light)"
    if shutil.which("openssl") is None:
        return "openssl, which hashes the password, is not installed"
    return None


class Proxy:
    """The proxy, with a certificate that nobody trusts by himself and a password of its own.

    Args:
        upstream_port: The port of this machine that the webserver listens on.
        folder: An existing folder for the certificate, the passwords and all that nginx writes.
        access: Who may come in: who knows the password, or whom oauth2-proxy knows.
        oauth2_port: The port of this machine that oauth2-proxy listens on.
        port: The port for HTTPS; a free one where None.
        as_user: Whom root runs it as; himself where None. He must be able to look into the folder.

    Attributes:
        user: Who may come in.
        password: His password.
        ca_file: The authority to trust.
        url: ``https://127.0.0.1:…``, once started.
        http_url: The same for HTTP.
        log: What nginx writes.
    """

    def __init__(
        self,
        upstream_port: int,
        folder: Path,
        *,
        access: Literal["basic", "oidc"] = "basic",
        oauth2_port: int = 1,
        port: int | None = None,
        as_user: str | None = None,
    ) -> None:
        self.user, self.password = "sparkify", secrets.token_urlsafe(16)
        self.log = folder / "nginx.log"
        self._folder, self._as_user = folder, as_user
        https, http = port or free_port(), free_port()
        self.url, self.http_url = f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http}"
        self.ca_file, _ = make_certificates(folder, "localhost")
        self.values = {
            "PROXY_ACCESS": access,
            "PROXY_CERTIFICATE": str(folder / "server.pem"),
            "PROXY_CERTIFICATE_KEY": str(folder / "server.pem"),
            "PROXY_HTTPS_LISTEN": f"127.0.0.1:{https}",
            "PROXY_HTTP_LISTEN": f"127.0.0.1:{http}",
            "PROXY_OAUTH2": f"127.0.0.1:{oauth2_port}",
            "PROXY_PASSWORDS": str(folder / "passwords"),
            "PROXY_PUBLIC_PORT": str(https),
            "NGINX_LOCAL_RESOLVERS": "127.0.0.1",
            "PROXY_RUN": str(folder / "nginx"),
            "PROXY_UPSTREAM": f"127.0.0.1:{upstream_port}",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Starts nginx, and waits until it answers.

        Returns:
            The URL.

        Raises:
            RuntimeError: It does not come up; the message has what it said.
        """
        write_passwords(self._folder / "passwords", self.user, self.password)
        command = self.command()
        self.log.touch()
        if self._as_user:
            for path in (self.log, Path(self.values["PROXY_RUN"])):
                shutil.chown(path, self._as_user)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self._as_user,
                extra_groups=[] if self._as_user else None,
            )
        self._wait()
        return self.url

    def command(self) -> list[str]:
        """Fills in the configuration; gives what starts nginx with it. With ``-t`` behind it is only looked at."""
        place = Path(self.values["PROXY_RUN"])
        place.mkdir(exist_ok=True)
        for template in TEMPLATES.glob("*.template"):
            (place / template.stem).write_text(filled_in(template.read_text(encoding="utf-8"), self.values))
        # As root, nginx would give its workers to a user who can't see into a folder of the tests.
        as_oneself = ["-g", "user root root;"] if os.geteuid() == 0 and self._as_user is None else []
        return [_nginx() or "nginx", "-c", str(place / "nginx.conf"), "-e", "stderr", *as_oneself]

    def stop(self) -> None:
        """Ends nginx with its workers; does nothing where it isn't running."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _wait(self) -> None:
        process, host_and_port = self._process, self.url.removeprefix("https://").split(":")
        deadline = time.monotonic() + _LONGEST_START
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((host_and_port[0], int(host_and_port[1])), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        raise RuntimeError(f"nginx does not come up:\n{self.log.read_text()}")


def filled_in(template: str, values: dict[str, str]) -> str:
    """The template with its variables filled in, as envsubst does it in nginx's image.

    Raises:
        KeyError: A variable has no value.
    """
    return _VARIABLE.sub(lambda match: values[match[1]], template)


def variables() -> set[str]:
    """The names of all variables in the templates."""
    return {name for path in TEMPLATES.glob("*.template") for name in _VARIABLE.findall(path.read_text("utf-8"))}


def write_passwords(path: Path, user: str, password: str) -> None:
    """Writes a file of one name and password, as ``deploy/README.md`` says."""
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, check=True
    )
    path.write_text(f"{user}:{hashed.stdout}")


def _nginx() -> str | None:
    # Debian has it where only root's PATH looks.
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
