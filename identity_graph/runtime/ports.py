"""Ports of the embedded Neo4j, and whether Bolt answers on one."""

import socket
import ssl
from collections.abc import Container, Iterable

from identity_graph.errors import RuntimeServerError

LOOPBACK = "127.0.0.1"

# The preamble of Bolt and four versions that may be chosen; a server answers with the four bytes of one.
_HANDSHAKE = bytes.fromhex("6060b01700080805000404040000000400000003")


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def choose_port(configured: int, usual: Iterable[int], setting: str, taken: Container[int] = ()) -> int:
    """Choose the configured port, else the first usual one that is free, else any free one; none that turned out ``taken``.

    Raises RuntimeServerError when a configured port is taken: moving silently would break whoever was told of it.
    """
    if configured == 0:
        return next((port for port in usual if port not in taken and is_free(port)), None) or free_port()
    if not is_free(configured):
        raise RuntimeServerError(
            f"Port {configured} is taken by another program. Stop that program, set {setting} to another port, or unset it "
            "to use any free port. If it is a Neo4j that you want to use, set IDENTITY_GRAPH_NEO4J_URI.",
            port=configured,
        )
    return configured


def bolt_answers(host: str, port: int, *, tls: bool = False, timeout: float = 2.0) -> bool:
    """Tell whether a server that speaks Bolt listens there; takes no longer than about ``timeout`` seconds.

    With ``tls`` the certificate is not checked: nothing but the handshake is said, and no password.
    """
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            if not tls:
                return _shakes_hands(connection)
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(connection, server_hostname=host) as secured:
                return _shakes_hands(secured)
    except OSError:
        return False


def _shakes_hands(connection: socket.socket) -> bool:
    connection.sendall(_HANDSHAKE)
    answer = connection.recv(4)
    return len(answer) == 4 and answer[3] != 0
