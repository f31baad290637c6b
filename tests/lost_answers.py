"""A way to Neo4j on which answers get lost: a proxy that forwards a COMMIT and drops the connection instead of the answer."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

_COMMIT = b"\x00\x02\xb0\x12\x00\x00"
_LONGEST_MARK = 200
_CHUNK = 65536


class LossyWay:
    """Forwards Bolt from an address of its own, on any port or a given one; after ``lose`` one answer to a COMMIT gets lost."""

    def __init__(self, target: tuple[str, int], port: int = 0) -> None:
        self._target = target
        self._mark: bytes | None = None
        self._listener = socket.create_server(("127.0.0.1", port))
        self._sockets: list[socket.socket] = [self._listener]
        self.lost = threading.Event()
        self.uri = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def lose(self, mark: str) -> None:
        """Lose the answer to the next COMMIT of a connection in whose transaction this text was sent."""
        self.lost.clear()
        self._mark = mark.encode()

    def close(self) -> None:
        """Close everything."""
        for one in self._sockets:
            one.close()

    def _start(self, target: "object", *args: object) -> None:
        threading.Thread(target=target, args=args, daemon=True).start()  # pyright: ignore[reportArgumentType]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._sockets += [client, server]
            losing = threading.Event()
            self._start(self._to_server, client, server, losing)
            self._start(self._to_client, client, server, losing)

    def _to_server(self, client: socket.socket, server: socket.socket, losing: threading.Event) -> None:
        recent, is_marked = b"", False
        try:
            while data := client.recv(_CHUNK):
                recent = recent[-_LONGEST_MARK:] + data
                is_marked = is_marked or (self._mark is not None and self._mark in recent)
                if _COMMIT in recent[-len(data) - len(_COMMIT) :]:
                    if is_marked and self._mark is not None:
                        self._mark = None
                        losing.set()
                    recent, is_marked = b"", False
                server.sendall(data)
        except OSError:
            pass
        finally:
            _shut(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket, losing: threading.Event) -> None:
        try:
            while data := server.recv(_CHUNK):
                if losing.is_set():
                    self.lost.set()
                    break
                client.sendall(data)
        except OSError:
            pass
        finally:
            _shut(client, server)


@contextmanager
def lossy_way(uri: str) -> Generator[LossyWay]:
    """Give a lossy way to the Neo4j at a Bolt address."""
    parts = urlsplit(uri)
    way = LossyWay((parts.hostname or "127.0.0.1", parts.port or 7687))
    try:
        yield way
    finally:
        way.close()


def _shut(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
