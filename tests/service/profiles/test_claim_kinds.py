"""Profile messages of Sensors SDKs: what is set once, added or appended counts where the catalogue's policy is of that kind."""

import json
from itertools import permutations
from typing import Any

import pytest

from identity_graph.domain.collecting.segment.messages import to_event
from identity_graph.domain.collecting.sensors.messages import extract
from identity_graph.domain.profiles.claims import read_value
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.values.claims import ClaimKind
from identity_graph.domain.values.observations import Event, Message
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.profiles.claim_reading import read_claims
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.worlds.worlds import keep_rules

RULES = parse_rules("{format: 1, namespaces: {user_id: {label: Account}}}", name="test")
CATALOGUE = parse_catalogue(
    """
    traits:
      points: {type: decimal, policy: sum}
      tags: {type: list, policy: union}
      first_channel: {type: text, policy: oldest}
    """
)
IN_FORCE = InForce(RULES, 1, CATALOGUE)
NOW = 1_767_225_600_000_000


def event(kind: str, second: int, **properties: Any) -> Event:
    message = {
        "type": kind, "identities": {"$identity_login_id": "ann"}, "properties": properties,
        "time": NOW // 1000 - 1_000_000 + second * 1000,
    }  # fmt: skip
    read = extract(message, source="shop", received_at=NOW)
    assert isinstance(read, Message)
    return to_event(read, RULES)


async def traits(graph: Graph) -> dict[str, Any]:
    [customer] = await graph.run("MATCH (c:Customer) WHERE c.id >= '' AND NOT c:Former RETURN c.id AS id")
    [views] = await read_traits_of(Reads(graph), [customer["id"]], IN_FORCE)
    return {view.name: json.loads(view.value) for view in views}


async def open_units(graph: Graph) -> Units:
    await keep_rules(graph, RULES)
    units = Units(graph, IN_FORCE, clock=iter(range(NOW, NOW + 10**9)).__next__)
    await units.open()
    return units


async def take(units: Units, *events: Event) -> None:
    await units.run(lambda tx, regime: take_in(tx, list(events), regime))


LIFE = (
    event("profile_set_once", 1, first_channel="store", city="Xi'an"),
    event("profile_set_once", 2, first_channel="web"),
    event("profile_increment", 3, points=5),
    event("profile_increment", 4, points=2.5, city=1),
    event("profile_append", 5, tags=["vip", "tea"]),
    event("profile_append", 6, tags=["tea", "books"]),
    event("profile_set", 7, city="Wuhan", level="gold"),
    event("profile_unset", 8, level=True),
)
VALUES = {"first_channel": "store", "points": 7.5, "tags": ["tea", "vip", "books"], "city": "Wuhan"}


@pytest.mark.parametrize("turn", [0, 7_000])
async def test_each_kind_of_claim_counts_under_its_policies_in_any_order(turn: int, graph: Graph) -> None:
    for order in list(permutations(LIFE))[turn::15_000]:
        await wipe(graph)
        units = await open_units(graph)
        for one in order:
            await take(units, one)
        assert await traits(graph) == VALUES


async def test_what_is_retracted_is_taken_away_again(graph: Graph) -> None:
    units = await open_units(graph)
    await take(units, *LIFE)
    for gone in (LIFE[0], LIFE[2], LIFE[4], LIFE[7]):
        await units.run(lambda tx, regime, gone=gone: retract(tx, "shop", gone.message_id, "mia", regime))

    assert await traits(graph) == {
        "first_channel": "web", "points": 2.5, "tags": ["books", "tea"], "city": "Wuhan", "level": "gold",
    }  # fmt: skip


async def test_a_claim_of_another_policy_is_kept_and_says_why_it_does_not_count(graph: Graph) -> None:
    units = await open_units(graph)
    await take(units, *LIFE)
    [customer] = await graph.run("MATCH (c:Customer) WHERE c.id >= '' RETURN c.id AS id")
    (page,) = await read_claims(Reads(graph), [(customer["id"], "city")], IN_FORCE, first=10, after=None)

    assert [(claim.value, claim.won, claim.reason) for claim in page.items] == [
        ('"Wuhan"', True, None),
        ("1", False, "trait_of_another_policy"),
        ('"Xi\'an"', False, "trait_of_another_policy"),
    ]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("points", {ClaimKind.SET, ClaimKind.INCREMENT}), ("tags", {ClaimKind.SET, ClaimKind.APPEND}),
        ("first_channel", {ClaimKind.SET, ClaimKind.SET_ONCE}), ("anything", {ClaimKind.SET}),
    ],
)  # fmt: skip
def test_which_kinds_count_follows_from_the_policy(name: str, kinds: set[ClaimKind]) -> None:
    trait = CATALOGUE.trait(name)
    value = {"points": 5, "tags": ["a"]}.get(name, "a")
    assert {kind for kind in ClaimKind if read_value(value, trait, kind)[1] is None} == kinds
