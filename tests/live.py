"""A service of the tests, listening on a port of its own, as SDKs meet it."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from api.app import create_app
from api.server import Server, configure
from identity_graph.settings import Settings

WRITE_KEY = "write-key-of-the-tests"
ADMIN_KEY = "admin-key-of-the-tests"
TOKEN = "token-of-the-tests"
APP_ID, CORP_ID = "wx0123456789abcdef", "ww0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_SECONDS_TO_START = 30


@dataclass(frozen=True, slots=True)
class Live:
    """A running service: its address, its keys, and the application itself."""

    url: str
    write_key: str
    admin_key: str
    app: FastAPI
    server: Server

    @property
    def host(self) -> str:
        """Address without the scheme."""
        return self.url.removeprefix("http://")

    def stop(self) -> None:
        """Tell it to end, as Ctrl-C does; the block that serves waits for it."""
        self.server.should_exit = True


@contextmanager
def serve(settings: Settings) -> Generator[Live]:
    """Serve in a thread, on a free port of the loopback interface, until the block ends."""
    app = create_app(settings)
    server = Server(configure(app, settings, host="127.0.0.1", port=0), app)
    thread = threading.Thread(target=server.run, name="live service", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _SECONDS_TO_START
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The service of the tests did not start; its log above says why.")
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Live(f"http://127.0.0.1:{port}", WRITE_KEY, ADMIN_KEY, app, server)
    finally:
        server.should_exit = True
        thread.join(_SECONDS_TO_START)
