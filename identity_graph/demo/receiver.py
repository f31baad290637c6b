"""A receiver of webhooks on this machine: it verifies what it is told, and the demo prints the first entry."""

import json
import secrets
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rich.console import Console
from rich.text import Text
from standardwebhooks import Webhook, WebhookVerificationError

from identity_graph.demo.service import RunningService
from identity_graph.domain.activation.signing import make_secret

SAVE = """mutation($url: String!, $secret: String!) {
  saveDestination(input: {name: "Demo", url: $url, secret: $secret, kinds: ["segment.entered"], reentry: ONCE}) {
    destination { id } } }"""

_PATIENCE_SECONDS = 20.0


class Receiver:
    """Takes messages, and keeps the first one whose signature is right. After that it wants no more and says so: 410."""

    def __init__(self) -> None:
        self.secret = make_secret(secrets.token_bytes(32))
        self._webhook = Webhook(self.secret)
        self._came = threading.Event()
        self._first: dict[str, Any] | None = None

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Take a message and give the status of the answer."""
        try:
            message = self._webhook.verify(body, {**headers})
        except WebhookVerificationError:
            return 401
        if self._first is not None:
            return 410
        self._first = {"id": headers["webhook-id"], **message}
        self._came.set()
        return 204

    def wait(self, seconds: float = _PATIENCE_SECONDS) -> dict[str, Any] | None:
        """Wait for the first message; None when none came."""
        self._came.wait(seconds)
        return self._first


@contextmanager
def receiving() -> Generator[tuple[Receiver, str]]:
    """Run a receiver on a free port of this machine; give it and its address."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(receiver.take(body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: the demo prints what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="demo receiver", daemon=True)
    thread.start()
    try:
        yield receiver, f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def told_of_entries(console: Console, service: RunningService) -> Generator[Receiver]:
    """Connect a receiver to the service, before anybody enters a segment."""
    with receiving() as (receiver, url):
        service.ask(SAVE, url=url, secret=receiver.secret)
        console.print(f"A receiver at {url} is told of who enters a segment.", style="dim", highlight=False)
        yield receiver


def print_entry(console: Console, receiver: Receiver) -> None:
    """Print the first entry that the receiver was told of."""
    message = receiver.wait()
    if message is None:
        console.print("The receiver was told of no entry: nobody entered a segment.")
        return
    console.print(f"Told by a webhook, its signature verified ({message['id']}):", highlight=False)
    shown = {name: message[name] for name in ("type", "timestamp", "data")}
    console.print(Text(json.dumps(shown, indent=2, ensure_ascii=False)))
