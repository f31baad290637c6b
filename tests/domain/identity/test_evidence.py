"""What observations say of identifiers and pairs, whatever the order they arrived in."""

import random

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.evidence import Link, Seen, gather, linked_pairs
from identity_graph.domain.identity.judgements import Corrections
from identity_graph.domain.rules.ranking import find_ambiguous
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Event
from tests.properties import examples
from tests.worlds.worlds import SECOND, make_event, make_rules, worlds

RULES = make_rules()


def identifiers(*keys: str) -> list[Identifier]:
    return [Identifier.from_key(key) for key in keys]


def test_evidence_is_the_earliest_the_latest_how_often_and_from_where() -> None:
    pair = ("phone:1", "device:1")
    events = [
        make_event(1, 20, pair, RULES, source="shop"),
        make_event(2, 30, pair, RULES, source="app"),
        make_event(3, 10, pair, RULES, source="shop"),
        make_event(4, 20, ("phone:1",), RULES, source="app"),
    ]
    evidence = gather(events, RULES)
    assert evidence.links == {
        ("device:1", "phone:1"): Link("device:1", "phone:1", 10 * SECOND, 30 * SECOND, 3, frozenset({"shop", "app"}))
    }
    assert evidence.identifiers == {
        "device:1": Seen(Identifier("device", "1"), 10 * SECOND, 30 * SECOND),
        "phone:1": Seen(Identifier("phone", "1"), 10 * SECOND, 30 * SECOND),
    }


def test_the_first_of_several_messages_with_one_id_counts() -> None:
    first = make_event(1, 10, ("phone:1",), RULES)
    evidence = gather([first, make_event(1, 20, ("phone:2",), RULES), make_event(1, 5, ("phone:1",), RULES)], RULES)
    assert evidence == gather([first], RULES)


def test_an_unlinked_pair_is_linked_by_later_evidence_alone_and_its_ends_count_as_seen_all_the_same() -> None:
    pair = ("device:1", "phone:1")
    events = [make_event(number, at, pair, RULES) for number, at in enumerate((10, 20, 30))]
    corrections = Corrections(unlinked={pair: 20 * SECOND})
    evidence = gather(events, RULES, corrections)
    assert evidence.links == {pair: Link(*pair, 30 * SECOND, 30 * SECOND, 1, frozenset({"test"}))}
    assert evidence.identifiers == gather(events, RULES).identifiers
    assert gather(events[:2], RULES, corrections).links == {}


def test_what_unlinks_a_pair_leaves_its_neighbours_linked() -> None:
    event = make_event(1, 10, ("crm:1", "device:1", "phone:1"), RULES)
    evidence = gather([event], RULES, Corrections(unlinked={("device:1", "phone:1"): 10 * SECOND}))
    assert evidence.links.keys() == {("crm:1", "device:1"), ("crm:1", "phone:1")}


def test_one_message_id_of_two_sources_names_two_messages() -> None:
    evidence = gather([make_event(1, 10, ("phone:1",), RULES, source=source) for source in ("app", "shop")], RULES)
    other = gather([make_event(n, 10, ("phone:1", "phone:2"), RULES) for n in (1, 2)], RULES)
    assert evidence.identifiers.keys() == {"phone:1"}
    assert other.links["phone:1", "phone:2"].count == 2


@examples(100)
@given(world=worlds(st.just(RULES)), seed=st.integers(0, 99))
def test_the_order_of_arrival_leaves_no_trace(world: tuple[RuleSet, list[list[Event]]], seed: int) -> None:
    events = [event for batch in world[1] for event in batch]
    shuffled = random.Random(seed).sample(events, len(events))
    assert gather(shuffled, RULES) == gather(events, RULES)


def test_values_that_share_a_unique_scope_are_ambiguous() -> None:
    seen = identifiers("openid:wxA/1", "openid:wxB/1", "openid:wxA/2", "openid:wxA/3", "phone:1", "phone:2", "device:1")
    assert find_ambiguous(seen, RULES) == set(identifiers("openid:wxA/1", "openid:wxA/2", "openid:wxA/3"))
    assert find_ambiguous(identifiers("crm:1", "crm:1"), RULES) == set()


def test_an_observation_links_all_pairs_but_those_of_ambiguous_values() -> None:
    assert linked_pairs(identifiers("phone:1", "crm:2", "device:1", "crm:1", "cookie:1"), RULES) == [
        ("cookie:1", "device:1"),
        ("cookie:1", "phone:1"),
        ("device:1", "phone:1"),
    ]
    assert linked_pairs(iter(identifiers("crm:1")), RULES) == []
