"""Pages of one long journey: the fiftieth is to take as long as the first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import requests

from bench.bodies import BATCH, Bodies
from bench.questions import CLIENTS, Latency, ask, over_http
from bench.throughput import generate
from identity_graph.demo.service import RunningService

TOUCHPOINTS = 100_000
VISIT = 10
"""Touchpoints of a visit, so there are 10,000 visits."""

FIRST_PAGE, DEEP_PAGE = "page 1", "page 50"
_WHO = {"namespace": "user_id", "value": "the-long-journey"}
_DEEP = 50
_WARM_UP = 200
_SENDERS = 4
_START = datetime(2024, 1, 1, tzinfo=UTC)

PAGE = """query($namespace: String!, $value: String!, $after: String) {
  customer(by: {namespace: $namespace, value: $value}) {
    id
    journey(first: 20, after: $after) {
      edges { cursor node { id type name occurredAt channel source } } pageInfo { hasNextPage endCursor }
    }
  }
}"""


def measure_long_journey(service: RunningService, folder: Path, count: int) -> list[Latency]:
    """Send a journey, then ask ``count`` times for its first and its fiftieth page, by 1 and by 16 clients."""
    bodies = _write_bodies(folder / "long_journey.ndjson")
    report = generate(service, bodies, _SENDERS)
    bodies.path.unlink()
    if report["failures"]:
        raise RuntimeError(f"the service refused a request: {report['failures'][0]}")
    pages = {FIRST_PAGE: _question(None), DEEP_PAGE: _question(_walk(service, _DEEP))}
    order = over_http(service)
    for question in pages.values():
        ask(order, [question] * _WARM_UP, max(CLIENTS))
    return [
        Latency.of(
            f"{name} of a journey of {TOUCHPOINTS:,}", "graphql", clients, ask(order, [question] * count, clients)
        )
        for clients in CLIENTS
        for name, question in pages.items()
    ]


def _question(after: str | None) -> dict[str, Any]:
    return {"query": PAGE, "variables": {**_WHO, "after": after}}


def _walk(service: RunningService, page: int) -> str:
    """Go to a page, and give the cursor that it begins after."""
    after: str | None = None
    headers = {"Authorization": f"Bearer {service.admin_key}"}
    for _ in range(page - 1):
        response = requests.post(f"{service.url}/graphql", json=_question(after), headers=headers, timeout=60)
        after = response.json()["data"]["customer"]["journey"]["pageInfo"]["endCursor"]
    assert after is not None
    return after


def _write_bodies(path: Path) -> Bodies:
    with path.open("wb") as out:
        for start in range(0, TOUCHPOINTS, BATCH):
            batch = [_message(number) for number in range(start, start + BATCH)]
            out.write(orjson.dumps({"batch": batch}, option=orjson.OPT_APPEND_NEWLINE))
    return Bodies(path, TOUCHPOINTS)


def _message(number: int) -> dict[str, Any]:
    """Make a touchpoint: visits are two hours apart, from one of three browsers, and somebody signs in in each."""
    visit, step = divmod(number, VISIT)
    at = _START + timedelta(hours=2 * visit, minutes=step)
    return {
        "type": "page" if step == 0 else "track",
        "name" if step == 0 else "event": "Home" if step == 0 else "Product Viewed",
        "messageId": f"long-{number}",
        "anonymousId": f"long-browser-{visit % 3}",
        **({"userId": _WHO["value"]} if step == VISIT // 2 else {}),
        "timestamp": at.isoformat(),
        "properties": {"product_id": number % 500},
        "context": {"library": {"name": "analytics.js", "version": "npm:next-1.84.3"}},
    }
