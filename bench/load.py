"""The load generator, a process of its own: some keep-alive clients post ready bodies, one request at a time each.

``python -m bench.load HOST PORT BODIES CLIENTS`` reads the write key from its standard input and prints one JSON object.
"""

import http.client
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.bodies import BATCH, Bodies, basic_auth


def main() -> None:
    """Post all bodies and print when each was answered."""
    host, port, path, clients = sys.argv[1:]
    key = sys.stdin.readline().strip()
    bodies = iter(Bodies(Path(path), 0).read())
    guard = threading.Lock()
    answers: list[tuple[float, float]] = []
    failures: list[str] = []
    start = time.monotonic()
    threads = [
        threading.Thread(target=_post_all, args=(host, int(port), key, bodies, guard, answers, failures))
        for _ in range(int(clients))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = {
        "answered": [at - start for at, _ in answers],
        "took": [took for _, took in answers],
        "failures": failures,
    }
    sys.stdout.buffer.write(orjson.dumps({**report, "batch": BATCH}))


def _post_all(
    host: str,
    port: int,
    key: str,
    bodies: Iterator[bytes],
    guard: threading.Lock,
    answers: list[tuple[float, float]],
    failures: list[str],
) -> None:
    headers = {"Authorization": basic_auth(key), "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(host, port, timeout=120)
    while True:
        with guard:
            body = next(bodies, None)
        if body is None or len(failures) > 20:
            break
        sent = time.monotonic()
        try:
            connection.request("POST", "/v1/batch", body, headers)
            response = connection.getresponse()
            text = response.read()
        except OSError as error:
            failures.append(repr(error))
            connection.close()
            continue
        if response.status != 200:
            failures.append(f"{response.status} {text[:200]!r}")
            continue
        now = time.monotonic()
        answers.append((now, now - sent))
    connection.close()


if __name__ == "__main__":
    main()
