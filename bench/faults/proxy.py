"""A TCP proxy between the service and Neo4j that resets connections, or cuts them after a commit, before its answer."""

import contextlib
import random
import socket
import struct
import threading

_COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""The message COMMIT of Bolt, as one chunk."""

_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Forwards to ``target`` on a port of its own; ``losing`` is the share of commits whose answer is lost."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.port = int(self._listener.getsockname()[1])
        self.losing = 0.0
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def reset_all(self) -> None:
        """Reset every connection."""
        with self._guard:
            victims = list(self._open)
        for one in victims:
            self._reset(one)

    def close(self) -> None:
        """Take no more connections, and end those that there are."""
        self._listener.close()
        self.reset_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            lost = threading.Event()
            with self._guard:
                self._open |= {client, server}
            threading.Thread(target=self._forward, args=(client, server, lost), daemon=True).start()
            threading.Thread(target=self._return, args=(server, client, lost), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while said := client.recv(65536):
                if _COMMIT in said and random.random() < self.losing:
                    lost.set()
                server.sendall(said)
        self._reset(server)
        self._reset(client)

    def _return(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while said := server.recv(65536):
                if lost.is_set():  # the commit has its answer, and nobody hears it
                    self.cuts += 1
                    break
                client.sendall(said)
        self._reset(client)
        self._reset(server)

    def _reset(self, one: socket.socket) -> None:
        with self._guard:
            known = one in self._open
            self._open.discard(one)
        if known:
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                one.close()
