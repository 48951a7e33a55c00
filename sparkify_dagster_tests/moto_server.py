"""moto's server, which stands in for AWS.

What belongs here: running it in this process. What doesn't: the account that asks it (``aws``), and what it lacks.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def moto_server() -> Iterator[str]:
    """Runs it on a free port of this machine; gives its address."""
    from moto.server import ThreadedMotoServer

    # What it says of each request would bury what others have to say.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
