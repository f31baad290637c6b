"""Ports for servers of the tests, which several workers start at once.

A server takes its port seconds after the port was chosen. Meanwhile no other worker may choose it, nor may the system give
it to a connection: so ports come from below the range of the system, and each worker has a share of its own.
"""

import os
import random
import re
from collections.abc import Iterator

from identity_graph.runtime.ports import is_free

_FIRST, _LAST = 20_000, 31_000
_SHARE = 1_000


def free_port() -> int:
    """Return a port that nobody listens on, and that no test was given before."""
    return next(port for port in _ports if is_free(port))


def _share_of(worker: str) -> list[int]:
    number = int((re.findall(r"\d+", worker) or ["0"])[0])
    start = _FIRST + number * _SHARE % (_LAST - _FIRST)
    return list(range(start, start + _SHARE))


def _shuffled(ports: list[int]) -> Iterator[int]:
    """Give them in an order of this run, since another run on this machine may be at work with the same ones."""
    random.SystemRandom().shuffle(ports)
    return iter(ports)


_ports = _shuffled(_share_of(os.environ.get("PYTEST_XDIST_WORKER", "")))
