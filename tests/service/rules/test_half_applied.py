"""While rules are half applied: worlds in which that once came to something else than what follows from the facts."""

from dataclasses import replace

from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.store.driver.graph import Graph
from tests.service.identity.test_revisions import live
from tests.worlds.worlds import make_rules


def without(rules: RuleSet, *names: str) -> RuleSet:
    """Leave namespaces out."""
    return replace(rules, namespaces={name: rule for name, rule in rules.namespaces.items() if name not in names})


def blocking(rules: RuleSet, name: str, *values: str) -> RuleSet:
    """Block values of a namespace."""
    rule = replace(rules.namespaces[name], blocked=frozenset(values))
    return replace(rules, namespaces={**rules.namespaces, name: rule})


async def test_what_ceases_to_be_ambiguous_in_an_event_joins_whom_it_was_seen_with(graph: Graph) -> None:
    """Events are read anew with the first of their customers; the others are to be derived all the same."""
    rules = make_rules()
    alone = [(10, ("crm:1",))] * 7
    events = [*alone, (10, ("crm:1", "cookie:3")), (10, ("crm:1", "openid:wxA/1", "openid:wxA/2"))]
    others = blocking(without(rules, "cookie"), "openid", "wxa/1")
    await live(graph, rules, [("observe", events), ("rules", (others, 0))])
    await live(graph, rules, [("observe", list(reversed(events))), ("rules", (others, 0))])


async def test_what_becomes_ambiguous_in_an_event_leaves_whom_it_was_seen_with(graph: Graph) -> None:
    rules = make_rules()
    several = replace(rules.namespaces["openid"], limit=None)
    lax = replace(rules, namespaces={**rules.namespaces, "openid": several})
    events = [
        (10, ("phone:1", "openid:wxA/1")),
        (11, ("phone:2", "openid:wxA/2")),
        (12, ("crm:1", "openid:wxA/1", "openid:wxA/2", "phone:3")),
    ]
    for steps in range(6):
        await live(graph, lax, [("observe", events), ("rules", (rules, steps))])


async def test_a_judgement_during_an_application_counts_at_once(graph: Graph) -> None:
    rules = make_rules(max_identifiers=3)
    events = [(1, ("cookie:3",)), (2, ("cookie:4", "phone:1", "phone:2", "crm:1"))]
    steps = [
        ("observe", events),
        ("overrule", "crm:1"),
        ("rules", (replace(rules, session_gap=5_000_000), 0)),
        ("same", ("cookie:3", "crm:1")),
    ]
    world = await live(graph, rules, steps)
    assert {kind for kind, _ in world.facts.in_force()} == {"overrule", "same"}


async def test_a_withdrawal_during_an_application_succeeds(graph: Graph) -> None:
    rules = make_rules()
    other = make_rules(max_partners=1)
    world = await live(
        graph, rules, [("observe", [(1, ("crm:1",))]), ("overrule", "crm:1"), ("rules", (other, 0)), ("withdraw", 0)]
    )
    assert world.facts.in_force() == []


async def test_an_unlink_during_an_application_succeeds(graph: Graph) -> None:
    rules = make_rules()
    steps = [
        ("observe", [(1, ("crm:1", "phone:1")), (9, ("crm:1", "device:1"))]),
        ("rules", (make_rules(max_identifiers=5), 0)),
        ("unlink", ("crm:1", "phone:1", 5)),
    ]
    world = await live(graph, rules, steps)
    assert [kind for kind, _ in world.facts.in_force()] == ["unlink"]


async def test_what_only_the_rules_in_force_know_can_be_judged_while_they_are_applied(graph: Graph) -> None:
    rules = make_rules()
    former = without(rules, "phone", "device")
    events = [(1, ("crm:1",)), (2, ("phone:1", "crm:2")), (3, ("phone:2",)), (4, ("phone:3", "device:1"))]
    begun = [("observe", events), ("rules", (rules, 0))]
    world = await live(graph, former, [*begun, ("overrule", "phone:1"), ("overrule", "phone:2")])
    assert len(world.facts.in_force()) == 2
    world = await live(graph, former, [*begun, ("different", ("phone:1", "phone:2")), ("same", ("crm:1", "phone:2"))])
    assert len(world.facts.in_force()) == 2
    world = await live(graph, former, [*begun, ("unlink", ("device:1", "phone:3", 9))])
    assert len(world.facts.in_force()) == 1
    world = await live(graph, former, [*begun, ("unlink", ("crm:2", "phone:1", 9))])
    assert len(world.facts.in_force()) == 1
    world = await live(graph, former, [*begun, ("overrule", "device:2"), ("unlink", ("crm:1", "phone:1", 9))])
    assert world.facts.in_force() == []


async def test_a_new_link_to_what_is_quarantined_and_waits_has_no_witness(graph: Graph) -> None:
    rules = parse_rules("""
        max_identifiers: 3
        session_gap: PT10S
        namespaces:
          phone: {label: Phone, limit: 2, conflict: nobody, max_partners: 1}
          device: {label: Device, conflict: nobody, max_partners: 1}
          openid: {label: OpenID, limit: 1, scoped: true, visitor: true, conflict: nobody}
          crm: {label: CrmRecord, limit: 1, conflict: nobody, blocked: ['1', wxa/1]}""")
    others = parse_rules("""
        max_identifiers: 3
        session_gap: PT5S
        namespaces:
          phone: {label: Phone, limit: 2, conflict: oldest, max_partners: 1}
          openid: {label: OpenID, limit: 1, scoped: true, visitor: true, conflict: oldest}
          crm: {label: CrmRecord, limit: 2, visitor: true, conflict: oldest}
          cookie: {label: Cookie, limit: 2, visitor: true, conflict: oldest}""")
    events = [
        (55, ("openid:wxB/2", "openid:wxA/1")),
        (17, ("device:3", "cookie:1")),
        (34, ("crm:3", "device:2", "phone:3")),
        (57, ("openid:wxA/2", "cookie:2", "openid:wxB/1", "phone:2")),
        (37, ("crm:2", "phone:2", "openid:wxB/2")),
        (24, ("cookie:2", "openid:wxB/2", "cookie:4", "openid:wxA/2")),
        (35, ("cookie:3", "openid:wxA/2", "phone:3")),
    ]
    steps = [("observe", events), ("rules", (others, 1)), ("same", ("device:2", "device:3"))]
    for ids in range(3):
        await live(graph, rules, steps, ids)


async def test_what_only_the_former_rules_knew_is_unknown_at_once(graph: Graph) -> None:
    """The answer names what is wrong under the rules in force, though nobody was converted to them yet."""
    rules = make_rules()
    events = [(44, ("crm:1", "openid:wxA/1"))]
    pair = ("crm:1", "openid:wxA/1")
    for said in [("unlink", (*pair, 0)), ("same", pair), ("different", pair), ("overrule", "crm:1")]:
        world = await live(graph, rules, [("observe", events), ("rules", (blocking(rules, "crm", "1"), 0)), said])
        assert world.facts.judged == {}
