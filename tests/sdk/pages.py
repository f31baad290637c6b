"""A little web server for the pages that browser SDKs run in."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_SNIPPET = "node_modules/@segment/analytics-next/dist/umd/standalone.js"


@dataclass(frozen=True, slots=True)
class PageServer:
    """Where the pages are; ``extra`` holds more of them, by path."""

    url: str
    extra: dict[str, bytes]

    def page(self, name: str, *, host: str, key: str, **options: str) -> str:
        """Give the address of a page that sends to ``host``."""
        query = "&".join(f"{name}={value}" for name, value in {"host": host, "key": key, **options}.items())
        return f"{self.url}/pages/{name}.html?{query}"


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, extra: dict[str, bytes], **kwargs: Any) -> None:
        self._extra = extra
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """Serve an extra page, or a file."""
        body = self._extra.get(self.path)
        if body is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def translate_path(self, path: str) -> str:
        """Serve the SDK where the snippet looks for it."""
        if path.startswith("/analytics.js/v1/"):
            return str(Path(self.directory) / _SNIPPET)
        return super().translate_path(path)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test run quiet."""


@contextmanager
def serve_pages(folder: Path) -> Generator[PageServer]:
    """Serve a folder on a free port of the loopback interface until the block ends."""
    extra: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder), extra=extra))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield PageServer(f"http://127.0.0.1:{server.server_port}", extra)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
