"""The examples of docs/catalogue.md, asked of the product: what the page says is what GraphQL answers."""

import json
from typing import Any

from identity_graph.service.catalogue import changing as catalogues
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask
from tests.domain.profiles.test_docs import DELETION, EXAMPLES, JSON, RECEIVED

TRAIT = """query($name: String!) { customer(by: {namespace: "user_id", value: "mei"}) {
  traits(names: [$name]) { value policy declared } } }"""
LOGIN = {
    "type": "identify",
    "messageId": "0",
    "timestamp": "2026-01-01T07:00:00Z",
    "userId": "mei",
    "anonymousId": "c1",
}


async def send(service: Service, *lines: str) -> None:
    """Send the messages of the page, newest first, each from the source that the page names."""
    for sent in map(json.loads, reversed(lines)):
        source = "crm" if "userId" in sent else "web"
        await collect(service, [sent], source=source, received_at=RECEIVED)


async def answer(service: Service, ask: Ask, entry: str, version: int) -> list[dict[str, Any]]:
    """Put a catalogue with one trait in force, and ask for that trait."""
    yaml = f"time_zone: Asia/Shanghai\ntraits:\n  {entry}\n"
    await catalogues.put_in_force(service.units, yaml, version, "test")
    await catalogues.apply_all(service.units)
    return (await ask(TRAIT, name=entry.partition(":")[0]))["customer"]["traits"]


async def test_the_product_answers_what_the_page_says_of_each_policy(service: Service, ask: Ask) -> None:
    await collect(service, [LOGIN], source="web", received_at=RECEIVED)
    await send(service, *JSON.strip().splitlines())
    assert len(EXAMPLES) > 10
    for version, (policy, entry, value) in enumerate(EXAMPLES, 1):
        found = await answer(service, ask, entry, version)
        assert found == [{"value": json.loads(value), "policy": policy, "declared": True}], entry
    await send(service, DELETION)
    for version, policy in enumerate(("sum", "oldest", "max"), len(EXAMPLES) + 1):
        found = await answer(service, ask, f"points: {{type: integer, policy: {policy}}}", version)
        assert [one["value"] for one in found] == [20]
