"""What analysts get for Neo4j Browser: saved queries that find something, and a style that names what exists."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.graph_schema import NODES, RELATIONSHIPS
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import open_service
from identity_graph.service.corrections.corrections import Named, declare, retract_observation
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.docs.blocks import ROOT

FOLDER = ROOT / "cypher" / "browser"
QUERIES = sorted(FOLDER.glob("*.cypher"))
SCANS = {"AllNodesScan", "NodeByLabelScan", "CartesianProduct"}


BOUGHT = {"order_id": "A-1", "total": 69.99, "currency": "CNY"}


def visit(number: int, user: str, device: str, **more: Any) -> dict[str, Any]:
    """Make a message of an account on a device."""
    at = f"2026-03-{number % 28 + 1:02}T10:00:00Z"
    return {
        "type": "identify",
        "messageId": f"m{number}",
        "timestamp": at,
        "userId": user,
        "context": {"device": {"id": device}},
    } | more


@pytest.fixture
async def shop(graph: Graph, settings: Settings) -> Graph:
    """Give the graph of a shop with a tablet that two people share, and one that everybody uses."""
    messages = [
        visit(1, "ann", "tablet-1", anonymousId="cookie-ann", traits={"email": "ann@example.com"}),
        visit(2, "bob", "tablet-1"),
        visit(3, "ann", "tablet-1", type="track", event="Order Completed", properties=dict(BOUGHT)),
        visit(4, "ann", "tablet-1", type="track", event="Order Refunded", properties=BOUGHT | {"total": 500}),
        visit(5, "ann", "tablet-1", type="track", event="Product Added"),
        *(visit(100 + number, f"guest-{number}", "tablet-2") for number in range(52)),
    ]
    async with open_service(settings) as service:
        for message in messages[:2]:
            await collect(service, [message], source="shop", received_at=1_800_000_000_000_000)
        await collect(service, messages[2:], source="shop", received_at=1_800_000_000_000_000)
        await retract_observation(service, "shop", "m150", "support")
        tablet, cookie = Named("device_id", "tablet-1"), Named("anonymous_id", "cookie-ann")
        await declare(service, Verdict.SAME, tablet, cookie, "it is her tablet", "support")
    return graph


async def test_every_saved_query_finds_something_and_looks_at_no_more_than_it_says(shop: Graph) -> None:
    assert len(QUERIES) >= 6
    for path in QUERIES:
        text = path.read_text("utf-8")
        assert await shop.run(text), path.name
        allowed = set(re.findall(r"^// plan: (\w+) because \S", text, re.MULTILINE))
        assert await operators_of(shop, text) & SCANS <= allowed, path.name


async def operators_of(graph: Graph, text: str) -> set[str]:
    async with graph._driver.session(database=graph._address.database) as session:
        result = await session.run(f"EXPLAIN {text}")  # pyright: ignore[reportArgumentType]
        summary = await result.consume()
    assert summary.plan is not None
    return {name.partition("@")[0] for name in names_of(summary.plan)}


def names_of(plan: dict[str, Any]) -> Iterable[str]:
    yield plan["operatorType"]
    for child in plan.get("children", ()):
        yield from names_of(child)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_saved_query_has_a_name_and_is_on_the_page(path: Path) -> None:
    assert re.match(r"// [A-Z][\w ]+: \S", path.read_text("utf-8"))
    assert f"../cypher/browser/{path.name})" in (ROOT / "docs" / "browser.md").read_text("utf-8")


def test_the_style_names_labels_relationships_and_properties_that_exist() -> None:
    text = (FOLDER / "style.grass").read_text("utf-8")
    of_rules = {rule.label for rule in load_preset().namespaces.values()}
    labels = {node.label: {item.name for item in node.properties} for node in NODES}
    labels |= dict.fromkeys(of_rules, labels["Identifier"]) | {"Former": labels["Customer"]}
    relationships = {kind.name: {item.name for item in kind.properties} for kind in RELATIONSHIPS}
    rules = re.findall(r"^(node|relationship)\.(\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    styled = {name for kind, name, _ in rules if kind == "node"}
    assert len({(kind, name) for kind, name, _ in rules}) == len(rules), "the last of several would hold"
    assert styled >= {"Identifier", "Customer", "Event", "Session"} | of_rules
    for kind, name, body in rules:
        known = labels if kind == "node" else relationships
        captions = re.findall(r'caption: "(.*)"', body)
        assert {used for caption in captions for used in re.findall(r"\{(\w+)\}", caption)} <= known[name], name
    assert text.count("{\n") == text.count("\n}") == len(rules) + 2
