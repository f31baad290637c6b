"""Merges and splits, by the size of the customer: one observation joins two halves, one ``unlink`` parts them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from bench.bodies import BATCH, basic_auth
from bench.questions import Latency, ask, over_http
from identity_graph.demo.service import RunningService

CUSTOMERS = {2: 20, 10: 20, 100: 20, 500: 10}
"""How many customers there are of each size; 500 identifiers are the most that the default rules allow."""

ROUNDS = 2
"""How often each is merged and split; from the second time on, an earlier judgement names it."""

_WARM_UP = (10, 5)
_COOKIE_EVERY = timedelta(days=8)  # so that no more of them fall into one year than the default rules allow
_MOST = {"email": 3, "device_id": 15, "ad_id": 15}

MERGE = """mutation($input: ObservationInput!) {
  observe(input: $input) { customer { id identifiers { key } } }
}"""
SPLIT = """mutation($a: IdentifierInput!, $b: IdentifierInput!) {
  unlink(a: $a, b: $b, reason: "the benchmark parts them") { id stillLinked customers { id } }
}"""
_FIND = "query($by: IdentifierInput!) { customer(by: $by) { identifiers { key } } }"


@dataclass(frozen=True, slots=True)
class Halves:
    """A customer in two halves of about the same size: an account and an email address, each seen with its own others."""

    size: int
    name: str

    @property
    def hubs(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The account and the address, whose only link joins the halves."""
        return ("user_id", f"bench-{self.name}"), ("email", f"bench-{self.name}@bench.example")

    def messages(self, now: datetime) -> Iterator[dict[str, Any]]:
        """Write what makes the two halves: one message for each identifier beside the two, or one of a hub alone."""
        others = list(self._others())
        for number, (hub, other) in enumerate(zip(self.hubs * len(others), others, strict=False)):
            seen = now - number * _COOKIE_EVERY if other[0] == "anonymous_id" else now - timedelta(days=1)
            yield self._message(f"{number}", seen, [hub, other])
        if not others:
            for hub in self.hubs:
                yield self._message(hub[0], now - timedelta(days=1), [hub])

    def _others(self) -> Iterator[tuple[str, str]]:
        left = self.size - len(self.hubs)
        for namespace, most in _MOST.items():
            count = min(most, left // 5)
            for number in range(count):
                yield namespace, f"bench-{self.name}-{number}" + ("@bench.example" if namespace == "email" else "")
        for number in range(left - sum(min(most, left // 5) for most in _MOST.values())):
            yield "anonymous_id", f"bench-{self.name}-{number}"

    def _message(self, id: str, at: datetime, identifiers: list[tuple[str, str]]) -> dict[str, Any]:
        external = [{"type": namespace, "id": value} for namespace, value in identifiers]
        return {
            "type": "track",
            "event": "Seen",
            "messageId": f"bench-{self.name}-{id}",
            "timestamp": at.isoformat(),
            "context": {"externalIds": external},
        }

    def merge(self, turn: int) -> dict[str, Any]:
        """Ask for the observation that joins the halves."""
        named = [{"namespace": namespace, "value": value} for namespace, value in self.hubs]
        observation = {"source": "bench", "messageId": f"{self.name}-{turn}", "identifiers": named}
        return {"query": MERGE, "variables": {"input": observation}}

    def split(self) -> dict[str, Any]:
        """Ask to take back all that joined the halves."""
        a, b = ({"namespace": namespace, "value": value} for namespace, value in self.hubs)
        return {"query": SPLIT, "variables": {"a": a, "b": b}}


def measure_corrections(service: RunningService) -> list[Latency]:
    """Merge and split customers of each size, one after the other, on the graph as it is."""
    _measure(service, *_WARM_UP, "warm")
    found: list[Latency] = []
    for size, customers in CUSTOMERS.items():
        merges, splits = _measure(service, size, customers, str(size))
        found.append(Latency.of(f"merge into {size}", "graphql", 1, merges))
        found.append(Latency.of(f"split of {size}", "graphql", 1, splits))
    return found


def _measure(service: RunningService, size: int, customers: int, name: str) -> tuple[list[float], list[float]]:
    people = [Halves(size, f"{name}-{number}") for number in range(customers)]
    for person in people:
        _send(service, person)
    merges: list[float] = []
    splits: list[float] = []
    for turn in range(ROUNDS):
        merges += ask(over_http(service), [person.merge(turn) for person in people], 1)
        _check(service, people, size)
        splits += ask(over_http(service), [person.split() for person in people], 1)
        _check(service, people, size - size // 2)
    return merges, splits


def _send(service: RunningService, person: Halves) -> None:
    messages = list(person.messages(datetime.now(UTC)))
    headers = {"Authorization": basic_auth(service.write_key)}
    for first in range(0, len(messages), BATCH):
        body = {"batch": messages[first : first + BATCH]}
        requests.post(f"{service.url}/v1/batch", json=body, headers=headers, timeout=120).raise_for_status()


def _check(service: RunningService, people: list[Halves], size: int) -> None:
    """Look whether the last customer is as large as it should be: what was timed must have happened."""
    namespace, value = people[-1].hubs[0]
    customer = service.ask(_FIND, by={"namespace": namespace, "value": value})["customer"]
    if len(customer["identifiers"]) != size:
        raise RuntimeError(f"a customer has {len(customer['identifiers'])} identifiers, it should have {size}")
