"""The address that the service binds itself behaves like one that the web server would have bound."""

import socket
from pathlib import Path

from identity_graph.cli.serve import bind
from identity_graph.settings import Settings


def test_answers_do_not_wait_for_acknowledgements(tmp_path: Path) -> None:
    with bind(Settings(port=0, data_dir=tmp_path)) as address:
        address.listen()
        with socket.create_connection(address.getsockname()), address.accept()[0] as accepted:
            assert accepted.proto == socket.IPPROTO_TCP
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
