"""The fast path: what may be joined from counts alone, and that it is never wrong."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identity_graph.domain.identity.derivation import derive
from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.joining import CustomerState, count_scopes, limit_of, may_join
from identity_graph.domain.identity.obstacles import Member, ObstacleKind
from identity_graph.domain.identity.resolution import member_of, resolve
from identity_graph.domain.rules.rule_set import Conflict, Limit, RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Event
from tests.properties import examples
from tests.worlds.worlds import SECOND, make_event, make_rules, worlds

RULES = make_rules(max_identifiers=6)


def make_customer(
    size: int = 1,
    counts: dict[str, int] | None = None,
    *,
    last_seen: int = 100,
    contested: bool = False,
    contested_by_window: bool = False,
) -> CustomerState:
    return CustomerState(
        "cus_1", 0, 0, last_seen * SECOND, 0, size, counts or {}, contested or contested_by_window, contested_by_window
    )


def newcomer(key: str, rules: RuleSet = RULES) -> Member:
    return member_of(Identifier.from_key(key), 100 * SECOND, rules)


def test_what_fits_every_limit_may_join() -> None:
    customers = [make_customer(3, {"crm": 1, "phone": 1}), make_customer(2, {"phone": 1})]
    assert may_join(customers, [newcomer("device:1")], 100 * SECOND, RULES)


@pytest.mark.parametrize(
    ("customers", "newcomers"),
    [
        ([make_customer(1, {"crm": 1})], ["crm:2"]),
        ([make_customer(2, {"phone": 2}), make_customer(1, {"phone": 1})], []),
        ([], ["openid:wxA/1", "openid:wxA/2"]),
        ([make_customer(6)], ["device:1"]),
        ([make_customer(3), make_customer(4)], []),
        ([make_customer(2, {"cookie": 3})], []),
        ([make_customer(2, {"cookie": 2})], ["cookie:1"]),
    ],
)
def test_what_may_exceed_a_limit_or_the_size_needs_a_look_at_the_links(
    customers: list[CustomerState], newcomers: list[str]
) -> None:
    assert not may_join(customers, [newcomer(key) for key in newcomers], 100 * SECOND, RULES)


def test_a_customer_that_is_over_a_limit_already_may_take_what_brings_nothing_to_it() -> None:
    assert may_join([make_customer(3, {"crm": 2})], [newcomer("device:1")], 100 * SECOND, RULES)


def test_a_customer_above_the_size_that_takes_nothing_in_stays_as_it_is() -> None:
    assert may_join([make_customer(9)], [], 100 * SECOND, RULES)


def test_scopes_count_apart() -> None:
    assert may_join([make_customer(1, {"openid/wxA": 1})], [newcomer("openid:wxB/1")], 100 * SECOND, RULES)


def test_a_refusal_over_a_window_must_be_looked_at_once_the_window_moves() -> None:
    customer = make_customer(contested_by_window=True)
    assert may_join([customer], [], 100 * SECOND, RULES)
    assert not may_join([make_customer(), customer], [], 100 * SECOND + 1, RULES)
    assert may_join([make_customer(contested=True)], [], 101 * SECOND, RULES)


def test_where_contested_identifiers_are_left_to_nobody_any_contest_must_be_looked_at() -> None:
    nobody = make_rules(conflict=Conflict.NOBODY)
    assert not may_join([make_customer(), make_customer(contested=True)], [], 100 * SECOND, nobody)
    assert may_join([make_customer()], [], 100 * SECOND, nobody)


def test_what_a_person_judged_must_be_looked_at() -> None:
    assert may_join([make_customer(), make_customer()], [], 100 * SECOND, RULES)
    assert not may_join([make_customer(), replace(make_customer(), judged=True)], [], 100 * SECOND, RULES)


def test_identifiers_are_counted_per_scope_that_has_a_limit() -> None:
    keys = ["crm:1", "openid:wxA/1", "openid:wxB/1", "openid:wxB/2", "device:1", "cookie:1"]
    counts = count_scopes(map(Identifier.from_key, keys), RULES)
    assert counts == {"crm": 1, "openid/wxA": 1, "openid/wxB": 2, "cookie": 1}
    assert count_scopes(map(Identifier.from_key, keys), make_rules(limits=False)) == {}


def test_a_scope_leads_back_to_its_limit() -> None:
    undeclared = RuleSet(namespaces={}, accept_undeclared=True)
    assert limit_of("openid/wxA/x", RULES) == Limit(1)
    assert limit_of("cookie", RULES) == Limit(2, 20 * SECOND)
    assert limit_of("spa", undeclared) is None


@examples(200)
@given(
    world=worlds(st.builds(make_rules, conflict=st.sampled_from(Conflict), max_identifiers=st.sampled_from([5, 8]))),
    at=st.integers(0, 80),
    keys=st.lists(
        st.sampled_from(["crm:1", "phone:1", "phone:2", "device:1", "cookie:1", "cookie:4"]), min_size=1, max_size=3
    ),
)
def test_what_may_join_is_one_customer_once_all_links_are_looked_at(
    world: tuple[RuleSet, list[list[Event]]], at: int, keys: list[str]
) -> None:
    rules = world[0]
    before = [event for batch in world[1] for event in batch]
    event = make_event(1000, at, tuple(keys), rules)
    evidence = gather(before, rules)
    seen = evidence.identifiers
    members = {key: member_of(one.identifier, one.last_seen, rules) for key, one in seen.items()}
    outcome = derive(members, evidence.links.values(), (), rules)
    touched = [part for part in outcome.parts if part & set(keys)]
    customers: list[CustomerState] = []
    for part in touched:
        border = [witness.kind for (a, b), witness in outcome.refused.items() if (a in part) != (b in part)]
        customers.append(
            make_customer(
                len(part),
                Counter(scope for key in part if (scope := members[key].scope)),
                last_seen=max(seen[key].last_seen for key in part) // SECOND,
                contested=bool(border),
                contested_by_window=ObstacleKind.WINDOW in border,
            )
        )
    newcomers = [newcomer(identifier.key, rules) for identifier in event.identifiers if identifier.key not in seen]
    newest = max([at * SECOND, *(customer.last_seen for customer in customers)])
    assume(may_join(customers, newcomers, newest, rules))
    joined = frozenset[str]().union(*touched, keys)
    expected = {part for part in outcome.parts if part not in touched} | {joined}
    assert resolve([*before, event], (), rules).customers == expected
