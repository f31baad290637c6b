"""What differs between two sets of rules, and which customers that can reach."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.evidence import Evidence, gather
from identity_graph.domain.identity.resolution import RefusalCode, count_partners, member_of, resolve
from identity_graph.domain.rules.difference import (
    Difference,
    MemberFacts,
    compare,
    is_quarantined,
    may_differ,
    read_anew,
)
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.patterns import Pattern
from identity_graph.domain.rules.rule_set import Conflict, Limit, Normalization, RuleSet
from identity_graph.domain.rules.sources import SourceRule
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Event
from tests.properties import examples
from tests.worlds.worlds import SECOND, make_rules, worlds

RULES = make_rules()


def change(rules: RuleSet, name: str, **values: Any) -> RuleSet:
    """Change the rule of one namespace."""
    return replace(rules, namespaces=rules.namespaces | {name: replace(rules.namespaces[name], **values)})


def drop(rules: RuleSet, name: str) -> RuleSet:
    return replace(rules, namespaces={key: rule for key, rule in rules.namespaces.items() if key != name})


def reorder(rules: RuleSet, *names: str) -> RuleSet:
    return replace(
        rules, namespaces={name: replace(rules.namespaces[name], priority=at) for at, name in enumerate(names)}
    )


def test_rules_that_say_the_same_in_other_words_do_not_differ() -> None:
    one = parse_rules("format: 1\nnamespaces:\n  phone: {label: Phone, limit: 2}\n", name="one")
    other = parse_rules(
        "# a comment\nformat: 1\nundeclared: ignore\nnamespaces:\n  phone: {limit: {count: 2}, label: Phone}\n",
        name="other",
    )
    assert compare(one, other) == Difference()


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (change(RULES, "phone", limit=Limit(3)), Difference(deriving=True)),
        (change(RULES, "cookie", limit=Limit(2, SECOND)), Difference(deriving=True)),
        (
            change(RULES, "phone", limit=None),
            Difference(counting=frozenset({"device", "cookie"}), quarantining=True, deriving=True),
        ),
        (
            change(RULES, "device", limit=Limit(9, SECOND)),
            Difference(counting=frozenset({"cookie"}), quarantining=True, deriving=True),
        ),
        (change(RULES, "phone", conflict=Conflict.NOBODY), Difference(deriving=True)),
        (replace(RULES, max_identifiers=10), Difference(deriving=True)),
        (change(RULES, "device", max_partners=1), Difference(quarantining=True, deriving=True)),
        (
            change(RULES, "phone", limit=Limit(1)),
            Difference(
                linking=frozenset({"phone"}),
                counting=frozenset({"crm", "openid", "phone"}),
                quarantining=True,
                deriving=True,
                journeys=True,
            ),
        ),
        (
            change(RULES, "openid", scoped=False),
            Difference(
                reading=frozenset({"openid"}),
                linking=frozenset({"openid"}),
                counting=frozenset(RULES.namespaces),
                quarantining=True,
                deriving=True,
                journeys=True,
            ),
        ),
        (
            change(RULES, "device", scoped=True),
            Difference(reading=frozenset({"device"}), deriving=True, journeys=True),
        ),
        (
            change(RULES, "device", blocked=frozenset({"x"})),
            Difference(reading=frozenset({"device"}), deriving=True, journeys=True),
        ),
        (
            change(RULES, "device", blocked_patterns=(Pattern("x"),)),
            Difference(reading=frozenset({"device"}), deriving=True, journeys=True),
        ),
        (
            change(RULES, "phone", normalize=Normalization.PHONE),
            Difference(reading=frozenset({"phone"}), deriving=True, journeys=True),
        ),
        (drop(RULES, "device"), Difference(reading=frozenset({"device"}), deriving=True, journeys=True)),
        (
            drop(RULES, "crm"),
            Difference(
                reading=frozenset({"crm"}),
                linking=frozenset({"crm"}),
                counting=frozenset({"openid", "phone", "device", "cookie"}),
                quarantining=True,
                deriving=True,
                journeys=True,
            ),
        ),
        (
            replace(RULES, accept_undeclared=True),
            Difference(undeclared_but=frozenset(RULES.namespaces), deriving=True, journeys=True),
        ),
        (
            reorder(RULES, "openid", "crm", "phone", "device", "cookie"),
            Difference(deriving=True, journeys=True),
        ),
        (
            reorder(RULES, "crm", "openid", "device", "phone", "cookie"),
            Difference(counting=frozenset({"device"}), quarantining=True, deriving=True, journeys=True),
        ),
        (replace(RULES, session_gap=1), Difference(journeys=True)),
        (change(RULES, "crm", visitor=True), Difference(journeys=True)),
        (change(RULES, "crm", label="Person"), Difference(labels=frozenset({"crm"}))),
        (replace(RULES, default_region="DE"), Difference()),
    ],
)
def test_each_key_of_the_rules_differs_in_its_own_way(new: RuleSet, expected: Difference) -> None:
    assert compare(RULES, new) == expected
    assert compare(new, RULES) == expected


def test_in_another_order_a_limited_source_is_believed_something_else() -> None:
    rules = make_rules(sources={"shop": SourceRule(links=frozenset())})
    other = reorder(rules, "openid", "crm", "phone", "device", "cookie")
    assert compare(rules, other).reading == frozenset(rules.namespaces)
    assert (
        compare(make_rules(sources={"shop": SourceRule()}), replace(other, sources={"shop": SourceRule()})).reading
        == frozenset()
    )


def test_after_another_reading_everything_but_labels_may_differ() -> None:
    names = frozenset(RULES.namespaces)
    anew = read_anew(RULES, RULES)
    assert (anew.reading, anew.counting, anew.undeclared_but, anew.uncounted_but) == (names, names, None, None)
    assert anew.quarantining
    assert anew.deriving
    assert anew.journeys
    assert anew.retimed
    assert not anew.labels
    accepting = read_anew(replace(RULES, accept_undeclared=True), RULES)
    assert accepting.reads_otherwise("anything")
    assert accepting.recounts("anything")
    assert Difference(retimed=True).reads_events
    assert compare(RULES, RULES).union(anew) == anew


def test_the_region_matters_where_phone_numbers_are_read() -> None:
    rules = change(RULES, "phone", normalize=Normalization.PHONE)
    assert compare(rules, replace(rules, default_region="DE")).reading == {"phone"}


def test_a_namespace_that_was_accepted_undeclared_may_be_declared_and_read_alike() -> None:
    rules = replace(RULES, accept_undeclared=True)
    difference = compare(drop(rules, "device"), rules)
    assert difference.reads_all_alike
    assert difference.labels == {"device"}
    assert difference.deriving


def test_undeclared_names_are_read_otherwise_when_they_begin_to_be_accepted() -> None:
    difference = compare(RULES, replace(RULES, accept_undeclared=True))
    assert difference.reads_otherwise("hat_size")
    assert not difference.reads_otherwise("phone")
    assert not difference.reads_all_alike


def test_partners_are_counted_anew_of_undeclared_names_too_when_they_are_accepted() -> None:
    wide = replace(RULES, accept_undeclared=True)
    difference = compare(wide, change(wide, "device", limit=Limit(9)))
    assert difference.recounts_any
    assert difference.recounts("hat_size")
    assert difference.recounts("cookie")
    assert not difference.recounts("phone")
    assert not PARTNERS.recounts_any
    assert not PARTNERS.recounts("hat_size")
    unlimited = compare(wide, change(wide, "cookie", limit=None))
    assert not unlimited.counting
    assert unlimited.recounts_any, "only of undeclared names a cookie was a partner"


def test_events_are_read_again_when_values_or_pairs_may_differ() -> None:
    assert BLOCKED.reads_events
    assert BLOCKED.may_reread("phone")
    assert UNIQUE.reads_events
    assert UNIQUE.may_reread("phone")
    assert not UNIQUE.may_reread("crm")
    assert not LIMITS.reads_events


def test_a_union_may_differ_wherever_one_of_both_may() -> None:
    wide = replace(RULES, accept_undeclared=True)
    less = compare(RULES, drop(wide, "device"))
    both = less.union(compare(RULES, change(RULES, "phone", limit=Limit(1), label="Number")))
    assert both.linking == {"phone"}
    assert both.labels == {"device", "phone"}
    assert both.recounts("crm")
    assert not both.recounts("cookie")
    assert both.quarantining
    assert both.deriving
    assert both.journeys
    assert both.reads_otherwise("hat_size")
    assert not both.reads_otherwise("phone")
    assert not Difference().union(Difference()).reads_otherwise("hat_size")
    other = compare(drop(RULES, "cookie"), drop(wide, "cookie"))
    assert other.union(less).reads_otherwise("cookie"), "undeclared in one of both"


def member(key: str, partners: Mapping[str, int] | None = None, **values: bool) -> MemberFacts:
    return MemberFacts(*Identifier.from_key(key), partners or {}, **values)


LIMITS = compare(RULES, change(RULES, "phone", limit=Limit(3)))
PARTNERS = compare(RULES, change(RULES, "device", max_partners=2))
BLOCKED = compare(RULES, change(RULES, "phone", blocked=frozenset({"9"})))
UNIQUE = compare(RULES, change(RULES, "phone", limit=Limit(1)))


@pytest.mark.parametrize(
    ("members", "difference"),
    [
        (["crm:1", "phone:1", "phone:2", "openid:wxA/1", "openid:wxB/1"], LIMITS),
        (["crm:1", "device:1"], BLOCKED),
        (["crm:1", "device:1"], UNIQUE),
    ],
)
def test_a_customer_that_fits_every_limit_as_a_whole_stays(members: list[str], difference: Difference) -> None:
    facts = [member(key, {"crm": 1}) for key in members]
    assert not may_differ(facts, contested=False, judged=False, difference=difference, rules=RULES)


@pytest.mark.parametrize(
    ("members", "difference"),
    [
        ([member("crm:1"), member("crm:2")], LIMITS),
        ([member("openid:wxA/1"), member("openid:wxA/2")], LIMITS),
        ([member(f"device:{number}") for number in range(501)], LIMITS),
        ([member("device:1", ambiguous=True)], LIMITS),
        ([member("phone:1")], BLOCKED),
        ([member("device:1", {"crm": 1, "phone": 1})], BLOCKED),
        ([member("device:1", {"openid/wxA": 1})], compare(RULES, change(RULES, "openid", scoped=False))),
        ([member("phone:1")], UNIQUE),
        ([member("device:1", {"crm": 51})], PARTNERS),
        ([member("device:1", {"crm": 50}, quarantined=True)], PARTNERS),
    ],
)
def test_what_may_be_decided_otherwise_is_told(members: list[MemberFacts], difference: Difference) -> None:
    assert may_differ(members, contested=False, judged=False, difference=difference, rules=RULES)


def test_a_contested_customer_may_differ_and_a_judged_one_when_values_are_read_otherwise() -> None:
    facts = [member("crm:1")]
    assert may_differ(facts, contested=True, judged=False, difference=LIMITS, rules=RULES)
    assert may_differ(facts, contested=False, judged=True, difference=BLOCKED, rules=RULES)
    assert not may_differ(facts, contested=False, judged=True, difference=LIMITS, rules=RULES)


def test_nothing_differs_when_only_sessions_or_labels_do() -> None:
    journeys = compare(RULES, replace(RULES, session_gap=1))
    facts = [member("crm:1"), member("crm:2")]
    assert not may_differ(facts, contested=True, judged=True, difference=journeys, rules=RULES)


def test_an_overruled_identifier_is_never_quarantined() -> None:
    assert is_quarantined(member("device:1", {"crm": 51}), RULES)
    assert not is_quarantined(member("device:1", {"crm": 50}), RULES)
    assert not is_quarantined(member("device:1"), RULES)
    assert not is_quarantined(member("device:1", {"crm": 51}, overruled=True), RULES)


@st.composite
def worlds_and_other_limits(draw: st.DrawFn) -> tuple[list[Event], RuleSet, RuleSet]:
    old, batches = draw(worlds())
    other = draw(st.sampled_from(Conflict))
    new = change(
        old, "device", limit=draw(st.sampled_from([None, Limit(3)])), max_partners=draw(st.sampled_from([1, 2, 50]))
    )
    new = change(
        new, "phone", limit=draw(st.sampled_from([None, Limit(2), Limit(3), Limit(4, 5 * SECOND)])), conflict=other
    )
    new = change(new, "cookie", limit=draw(st.sampled_from([None, Limit(3), Limit(2, 5 * SECOND)])), conflict=other)
    new = replace(new, max_identifiers=draw(st.sampled_from([2, 4, 500])))
    if draw(st.booleans()):
        new = reorder(new, *draw(st.permutations(list(new.namespaces))))
    return [event for batch in batches for event in batch], old, new


@examples(150)
@given(drawn=worlds_and_other_limits())
def test_a_customer_that_is_said_to_stay_stays(drawn: tuple[list[Event], RuleSet, RuleSet]) -> None:
    events, old, new = drawn
    evidence = gather(events, old)
    before, after = resolve(events, (), old), resolve(events, (), new)
    contested = {key for link in before.refused if link.code != RefusalCode.QUARANTINED for key in link[:2]}
    difference = compare(old, new)
    facts = _facts_of(evidence, before.quarantined, before.ambiguous, old)
    counted_anew = _facts_of(evidence, before.quarantined, before.ambiguous, new)
    facts |= {key: fact for key, fact in counted_anew.items() if difference.recounts(fact.namespace)}
    assert {key: fact.partners for key, fact in facts.items()} == {
        key: fact.partners for key, fact in counted_anew.items()
    }
    released = before.quarantined - after.quarantined
    followed = {key for link in before.refused if released.intersection(link[:2]) for key in link[:2]}
    for customer in before.customers:
        members = [facts[key] for key in customer]
        if customer.isdisjoint(followed) and not may_differ(
            members, contested=bool(customer & contested), judged=False, difference=difference, rules=new
        ):
            assert customer in after.customers


def _facts_of(
    evidence: Evidence, quarantined: frozenset[str], ambiguous: frozenset[str], rules: RuleSet
) -> dict[str, MemberFacts]:
    members = {key: member_of(seen.identifier, seen.last_seen, rules) for key, seen in evidence.identifiers.items()}
    partners = count_partners(evidence.links, members)
    return {
        key: MemberFacts(*seen.identifier, partners.get(key, {}), key in quarantined, key in ambiguous)
        for key, seen in evidence.identifiers.items()
    }
