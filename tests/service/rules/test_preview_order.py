"""Previews in which the order of customers once mattered."""

import random
from uuid import UUID

import pytest

from identity_graph.domain.rules.file import parse_rules
from identity_graph.service import new_ids
from identity_graph.service.rules import preview as rules_preview
from identity_graph.service.rules.preview import preview
from identity_graph.store.driver.graph import Graph
from tests.service.identity.test_revisions import World
from tests.service.rules.test_preview import count, customers_of, read_as, told
from tests.worlds.steps import Step

OLD = parse_rules(
    """format: 1
max_identifiers: 3
session_gap: PT5S
namespaces:
  crm: {label: CrmRecord, limit: 2, conflict: oldest}
  phone:
    label: Phone
    limit: 2
    conflict: oldest
    max_partners: 1
    blocked: ['1', wxa/1]
  cookie:
    label: Cookie2
    limit: {count: 2, within: PT20S}
    conflict: oldest
  openid: {label: OpenID, limit: 1, scoped: true, visitor: true, conflict: oldest}
""",
    name="old",
)
NEW = parse_rules(
    """format: 1
max_identifiers: 500
session_gap: PT10S
namespaces:
  crm: {label: CrmRecord, limit: 2, conflict: oldest}
  openid: {label: OpenID2, limit: 1, scoped: true, conflict: oldest}
  device: {label: Device2, conflict: oldest}
  cookie: {label: Cookie, limit: 2, visitor: true, conflict: oldest}
""",
    name="new",
)
STEPS: list[Step] = [
    (
        "observe",
        [
            (48, ("crm:3", "cookie:2", "crm:2", "phone:2")),
            (13, ("crm:3", "crm:3", "cookie:4")),
            (17, ("phone:3", "phone:3", "crm:1")),
            (5, ("openid:wxA/2", "phone:2")),
            (14, ("phone:2", "phone:2", "openid:wxA/2", "cookie:1")),
        ],
    ),
    ("different", ("phone:1", "phone:3")),
    ("observe", [(46, ("crm:2", "phone:1", "phone:1", "crm:3")), (13, ("cookie:1",)), (37, ("crm:2",))]),
    (
        "observe",
        [
            (27, ("phone:1", "cookie:3")),
            (22, ("crm:3", "cookie:2", "crm:2", "phone:2")),
            (33, ("openid:wxB/1", "device:2", "phone:1", "openid:wxB/2")),
            (27, ("openid:wxA/1", "openid:wxA/2")),
            (8, ("phone:2",)),
            (28, ("cookie:4",)),
        ],
    ),
    ("observe", [(32, ("phone:2", "crm:3", "phone:3", "phone:2")), (19, ("cookie:1", "openid:wxA/2"))]),
    (
        "observe",
        [
            (7, ("cookie:2", "device:2", "openid:wxA/1", "openid:wxA/1")),
            (38, ("device:1", "cookie:1", "phone:3", "phone:3")),
            (12, ("openid:wxA/1", "cookie:3", "cookie:4", "openid:wxB/1")),
            (35, ("openid:wxA/1", "device:3")),
            (24, ("crm:2",)),
            (38, ("device:2", "cookie:4", "openid:wxA/2", "openid:wxA/1")),
        ],
    ),
    ("retract", 19),
    ("withdraw", 4),
    ("unlink", ("crm:1", "openid:wxA/1", 0)),
    (
        "observe",
        [
            (48, ("cookie:2",)),
            (36, ("phone:1", "phone:2")),
            (43, ("cookie:4",)),
            (0, ("phone:1", "cookie:4", "openid:wxA/2", "phone:2")),
            (36, ("openid:wxB/1",)),
            (12, ("cookie:1",)),
        ],
    ),
    ("different", ("crm:1", "openid:wxB/1")),
    ("withdraw", 6),
    ("retract", 13),
    ("retract", 23),
    ("retract", 30),
    ("withdraw", 9),
]


@pytest.mark.parametrize("ids", [1007, 1009, 1015])
async def test_two_who_are_judged_to_differ_are_counted_each_for_itself(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, ids: int
) -> None:
    """One was derived before the other, whose part had to look at the first: it was left out with it."""
    rng = random.Random(ids)
    monkeypatch.setattr(new_ids, "uuid4", lambda: UUID(int=rng.getrandbits(128), version=4))
    monkeypatch.setattr(rules_preview, "CUSTOMERS_AT_ONCE", 3)
    monkeypatch.setattr(rules_preview, "DERIVED_AT_ONCE", 2)
    world = World(graph, OLD)
    await world.open()
    for step in STEPS:
        await getattr(world, step[0])(step[1])
    before, after = customers_of(world.facts, OLD), customers_of(world.facts, NEW)
    assert told(await preview(graph, OLD, NEW)) == count(before, after, read_as(world.facts, OLD, NEW))
