"""What holds of resolution in any world."""

import random
from collections import Counter
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.identity.resolution import Resolution, find_quarantined, member_of, refusal_code, resolve
from identity_graph.domain.rules.rule_set import Conflict, Limit, NamespaceRule, RuleSet
from identity_graph.domain.values.identifiers import Identifier, namespace_of
from identity_graph.domain.values.observations import Event
from tests.properties import examples
from tests.worlds.worlds import identifier_keys, make_event, make_rules, worlds

EXAMPLES = examples(150)

judgements = st.lists(
    st.builds(
        lambda verdict, pair: Judgement.of(verdict, *pair),
        st.sampled_from(Verdict),
        st.tuples(identifier_keys, identifier_keys).filter(lambda pair: pair[0] != pair[1]),
    ),
    max_size=4,
)
World = tuple[RuleSet, list[list[Event]]]


def events_of(world: World) -> list[Event]:
    return [event for batch in world[1] for event in batch]


def owners_of(outcome: Resolution) -> dict[str, frozenset[str]]:
    return {key: customer for customer in outcome.customers for key in customer}


@EXAMPLES
@given(world=worlds(), judged=judgements, seed=st.integers(0, 2**16))
def test_neither_order_nor_repeats_matter(world: World, judged: list[Judgement], seed: int) -> None:
    events = events_of(world)
    shuffled = [*events, *events[:3]]
    rng = random.Random(seed)
    rng.shuffle(shuffled)
    said = rng.sample(judged, len(judged)) * 2
    assert resolve(shuffled, said, world[0]) == resolve(events, judged, world[0])


@EXAMPLES
@given(world=worlds(st.just(make_rules(limits=False))))
def test_without_limits_customers_are_connected_components(world: World) -> None:
    network: nx.Graph[str] = nx.Graph()
    for event in events_of(world):
        keys = [identifier.key for identifier in event.identifiers]
        network.add_nodes_from(keys)
        nx.add_path(network, keys)
    outcome = resolve(events_of(world), (), world[0])
    assert outcome.customers == {frozenset(component) for component in nx.connected_components(network)}
    assert outcome.refused == set()


@EXAMPLES
@given(world=worlds(), judged=judgements)
def test_customers_part_the_identifiers_and_links_between_them_are_refused(
    world: World, judged: list[Judgement]
) -> None:
    rules = world[0]
    evidence = gather(events_of(world), rules)
    outcome = resolve(events_of(world), judged, rules)
    owner = owners_of(outcome)
    assert Counter(key for customer in outcome.customers for key in customer) == Counter(evidence.identifiers.keys())
    assert {(a, b) for a, b, _ in outcome.refused} == {(a, b) for a, b in evidence.links if owner[a] != owner[b]}
    for judgement in judged:
        if judgement.verdict is Verdict.DIFFERENT and judgement.a in owner and judgement.b in owner:
            assert owner[judgement.a] != owner[judgement.b]


@EXAMPLES
@given(world=worlds(st.builds(make_rules, conflict=st.sampled_from(Conflict), max_identifiers=st.sampled_from([3, 5]))))
def test_without_judgements_no_customer_is_over_a_limit_or_too_large(world: World) -> None:
    rules = world[0]
    for customer in resolve(events_of(world), (), rules).customers:
        assert len(customer) <= rules.max_identifiers
        scopes: Counter[str] = Counter()
        for identifier in map(Identifier.from_key, customer):
            rule = rules.get_namespace(identifier.namespace)
            scopes[rule.scope_of(identifier.value)] += 1
        for name, count in scopes.items():
            limit = rules.get_namespace(name.partition("/")[0]).limit
            assert limit is None or limit.within is not None or count <= limit.count


@EXAMPLES
@given(
    world=worlds(st.builds(make_rules, conflict=st.sampled_from(Conflict), max_identifiers=st.sampled_from([3, 500]))),
    judged=judgements,
    weakest=st.sampled_from(["openid", "phone", "device"]),
)
def test_weaker_identifiers_never_undo_what_stronger_ones_joined(
    world: World, judged: list[Judgement], weakest: str
) -> None:
    rules = world[0]
    bound = rules.get_namespace(weakest).rank

    def is_strong(identifier: Identifier) -> bool:
        return rules.get_namespace(identifier.namespace).rank <= bound

    events = events_of(world)
    strong_events = [replace(event, identifiers=tuple(filter(is_strong, event.identifiers))) for event in events]
    said = [j for j in judged if is_strong(Identifier.from_key(j.a)) and is_strong(Identifier.from_key(j.b))]
    owner = owners_of(resolve(events, said, rules))
    for customer in resolve(strong_events, said, rules).customers:
        assert len({owner[key] for key in customer}) == 1


@EXAMPLES
@given(world=worlds())
def test_an_identifier_is_quarantined_by_the_partners_that_its_links_show(world: World) -> None:
    rules = world[0]
    evidence = gather(events_of(world), rules)
    outcome = resolve(events_of(world), (), rules)
    partners = nx.to_dict_of_lists(nx.Graph(evidence.links.keys()))
    for key in evidence.identifiers:
        own = rules.get_namespace(namespace_of(key))
        counted: Counter[str] = Counter()
        for other in partners.get(key, ()):
            partner = Identifier.from_key(other)
            rule = rules.get_namespace(partner.namespace)
            if rule.limit is not None and (rule.limit.count == 1 or rule.rank < own.rank):
                counted[rule.scope_of(partner.value)] += 1
        assert (key in outcome.quarantined) == any(count > own.max_partners for count in counted.values())
        if key in outcome.quarantined:
            assert frozenset({key}) in outcome.customers


def test_weaker_partners_are_not_counted_and_neither_are_those_without_a_limit() -> None:
    rules = make_rules(max_partners=1)
    keys = ["device:1", "device:2", "phone:1", "cookie:1", "cookie:2", "cookie:3"]
    members = {key: member_of(Identifier.from_key(key), 0, rules) for key in keys}
    pairs = [("cookie:1", "phone:1"), ("cookie:2", "phone:1"), ("cookie:3", "phone:1")]
    pairs += [("cookie:1", "device:1"), ("cookie:1", "device:2"), ("cookie:2", "device:1")]
    assert find_quarantined(pairs, members) == set()


def test_stronger_partners_of_any_limit_are_counted_and_so_are_all_of_which_a_customer_has_one() -> None:
    rules = make_rules(max_partners=1)
    keys = ["crm:1", "crm:2", "phone:1", "phone:2", "device:1", "openid:wxA/1", "openid:wxA/2"]
    members = {key: member_of(Identifier.from_key(key), 0, rules) for key in keys}
    assert find_quarantined([("device:1", "phone:1"), ("device:1", "phone:2")], members) == {"device:1"}
    rules = make_rules()
    pairs = [("crm:1", f"openid:wxA/{number}") for number in range(51)]
    members |= {key: member_of(Identifier.from_key(key), 0, rules) for _, key in pairs}
    assert find_quarantined(pairs, members) == {"crm:1"}


@pytest.mark.parametrize(
    ("quarantined", "ambiguous", "judged", "size", "code"),
    [
        (True, True, True, 9, "quarantined"),
        (False, True, True, 9, "ambiguous_owner"),
        (False, False, True, 9, "judged_different"),
        (False, False, False, 9, "customer_full"),
        (False, False, False, 8, "limit_exceeded"),
    ],
)
def test_the_code_of_a_refused_link_is_the_first_of_the_reasons_that_hold(
    quarantined: bool, ambiguous: bool, judged: bool, size: int, code: str
) -> None:
    assert code == refusal_code(quarantined=quarantined, ambiguous=ambiguous, judged=judged, size=size, max_size=8)


def test_a_scope_names_what_a_limit_counts_and_is_none_without_a_limit() -> None:
    rules = make_rules()
    scopes = {
        key: member_of(Identifier.from_key(key), 7, rules).scope for key in ("openid:wxA/1", "phone:1", "device:1")
    }
    assert scopes == {"openid:wxA/1": "openid/wxA", "phone:1": "phone", "device:1": None}


def test_accepted_undeclared_namespaces_are_taken_by_name_after_the_declared_ones() -> None:
    guest = NamespaceRule(name="guest", label="Guest", priority=0, limit=Limit(1))
    rules = RuleSet(namespaces={"guest": guest}, accept_undeclared=True)
    older = [make_event(1, 1, ("guest:ann", "bar:1"), rules), make_event(2, 2, ("bar:1", "zoo:1"), rules)]
    newer = make_event(3, 9, ("guest:ben", "zoo:1"), rules)
    outcome = resolve([*older, newer], (), rules)
    assert outcome.customers == {frozenset({"guest:ann", "bar:1"}), frozenset({"guest:ben", "zoo:1"})}
    assert {tuple(link) for link in outcome.refused} == {("bar:1", "zoo:1", "limit_exceeded")}
