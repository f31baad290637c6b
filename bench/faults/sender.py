"""One sender, a process of its own: an SDK of Python sends numbered events at a steady pace.

``python -m bench.faults.sender segment|rudder URL KEY NAME RATE`` prints the number of each message that was answered with 200,
one a line, and ends what it has to say when its standard input closes.
"""

import json
import sys
import threading
import time
from typing import Any

import requests

from bench.faults.people import context_of, traces_of

_FLUSH_SECONDS = 20


def main() -> None:
    kind, url, key, name, rate = sys.argv[1:]
    _listen_to_answers()
    client = _make(kind, url, key)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    begun, number = time.monotonic(), 0
    while not stop.is_set():
        due = int((time.monotonic() - begun) * float(rate))
        while number < due:
            traces = traces_of(name, number)
            client.track(
                traces.user_id,
                "Fault",
                {"number": number},
                context=context_of(traces),
                anonymous_id=traces.anonymous_id,
                message_id=f"{name}-{number}",
            )
            number += 1
        time.sleep(0.02)
    flushing = threading.Thread(target=client.flush, daemon=True)
    flushing.start()
    flushing.join(_FLUSH_SECONDS)
    sys.stdout.flush()


def _make(kind: str, url: str, key: str) -> Any:
    if kind == "segment":
        from segment.analytics.client import Client as SegmentClient

        return SegmentClient(key, host=url, gzip=False, max_queue_size=100_000)
    from rudderstack.analytics.client import Client as RudderClient

    return RudderClient(key, host=url, gzip=False, max_queue_size=100_000)


def _listen_to_answers() -> None:
    """Print what was acknowledged, as the SDK hears it: the SDKs tell nobody."""
    send = requests.Session.send
    guard = threading.Lock()

    def listening(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        response = send(self, request, **options)
        if response.status_code == 200 and isinstance(request.body, str | bytes):
            lines = "".join(f"{message['messageId']}\n" for message in json.loads(request.body)["batch"])
            with guard:
                sys.stdout.write(lines)
                sys.stdout.flush()
        return response

    requests.Session.send = listening


if __name__ == "__main__":
    main()
