"""Survivorship: an example for each policy, and the same value whoever claims it and in whatever order it comes."""

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.claims import LONGEST_LISTED, LONGEST_TRAIT, Claim, Order, read_value
from identity_graph.domain.profiles.difference import traits_differ
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.survivorship import Survivorship
from identity_graph.domain.profiles.tallies import MOST_VALUES, Tally
from identity_graph.domain.profiles.trait_types import TraitType
from tests.properties import examples
from tests.worlds.profiles import NAMES, POLICIES, VALUES, Told, reference_value

DAY = 86_400_000_000
CATALOGUE = parse_catalogue(POLICIES.replace("ZONE", "Asia/Shanghai"))


def policy_of(entry: str, zone: str = "UTC", most_values: int = MOST_VALUES) -> Survivorship:
    return Survivorship("t", parse_catalogue(f"time_zone: {zone}\ntraits: {{t: {{{entry}}}}}"), most_values)


def settled(policy: Survivorship, claims: dict[str, list[Claim]]) -> Tally:
    """Combine what identifiers claim, each tallied on its own."""
    tallied = {owner: policy.tally(own, owner) for owner, own in claims.items()}
    return policy.combine(tallied, lambda owner, deleted: policy.tally(claims[owner], owner, after=deleted))


def value_of(entry: str, *said: tuple[str, int, Any], zone: str = "UTC") -> tuple[Any, str]:
    """Give the value that claims come to, each of an identifier on a day, and the identifier that it is told to be of."""
    policy = policy_of(entry, zone)
    claims: dict[str, list[Claim]] = {}
    for number, (owner, day, value) in enumerate(said):
        read, reason = read_value(value, policy.trait)
        if reason is None:
            claims.setdefault(owner, []).append(Claim((day * DAY, owner, f"m{number}"), read))
    combined = settled(policy, claims)
    winner = policy.winner(combined)
    return policy.value(combined), "" if winner is None else winner[1]


SAID = [("crm", 1, 10), ("web", 2, 30), ("app", 3, 10), ("web", 4, 20)]


@pytest.mark.parametrize(
    ("entry", "value", "owner"),
    [
        ("policy: newest", 20, "web"),
        ("policy: last", 20, "web"),
        ("policy: oldest", 10, "crm"),
        ("policy: first", 10, "crm"),
        ("policy: source_priority, sources: [app, crm]", 10, "app"),
        ("policy: source_priority, sources: [till]", 20, "web"),
        ("policy: count", 4, "web"),
        ("policy: sum, type: integer", 70, "web"),
        ("policy: mean, type: integer", 17.5, "web"),
        ("policy: min, type: integer", 10, "app"),
        ("policy: max, type: integer", 30, "web"),
        ("policy: most_frequent", 10, "web"),
        ("policy: top, size: 2", [10, 20], "web"),
        ("policy: union", [10, 30, 20], "web"),
        ("policy: distinct_count", 3, "web"),
        ("policy: active_days", 4, "web"),
    ],
)
def test_each_policy_makes_one_value_of_the_claims_of_all_identifiers(entry: str, value: Any, owner: str) -> None:
    for order in permutations(SAID):
        assert value_of(entry, *order) == (value, owner)


def test_a_policy_chooses_one_claim_or_counts_all() -> None:
    assert {name for name in NAMES if not Survivorship(name, CATALOGUE).compares} == {
        *("count", "sum", "mean", "most", "top", "union", "distinct", "days")
    }


def test_sums_are_exact() -> None:
    assert value_of("policy: sum, type: decimal", ("a", 1, 0.1), ("b", 2, 0.2), ("a", 3, -0.3)) == (0, "a")
    assert value_of("policy: sum, type: decimal", ("a", 1, 10**17), ("b", 2, 1e-17), ("a", 3, -(10**17)))[0] == 1e-17


def test_the_smallest_and_the_greatest_are_those_of_the_type() -> None:
    dates = [("a", 1, "2026-01-31"), ("b", 2, "2025-12-31")]
    assert value_of("policy: min, type: date", *dates) == ("2025-12-31", "b")
    moments = [("a", 1, "2026-01-31T00:00:00+08:00"), ("b", 2, "2026-01-30T17:00:00Z")]
    assert value_of("policy: max, type: moment", *moments) == ("2026-01-30T17:00:00Z", "b")


def test_lists_are_united_and_their_values_are_counted_once_each() -> None:
    said = [("a", 1, ["tea", "milk"]), ("b", 2, ["tea", "tea", "rice"]), ("a", 3, [])]
    assert value_of("policy: union, type: list", *said) == (["milk", "tea", "rice"], "a")
    assert value_of("policy: distinct_count, type: list", *said) == (3, "a")
    assert value_of("policy: most_frequent, type: list", *said[:2]) == (["tea", "tea", "rice"], "b")


def test_days_are_those_of_the_zone() -> None:
    policy = policy_of("policy: active_days", "Asia/Shanghai")
    evening = [Claim((hour * 3_600_000_000, "web", str(hour)), True) for hour in (15, 16, 17)]
    assert policy.value(policy.tally(evening, "a")) == 2
    utc = policy_of("policy: active_days")
    assert utc.value(utc.tally(evening, "a")) == 1


@pytest.mark.parametrize("entry", ["policy: newest", "policy: oldest", "policy: sum, type: integer", "policy: union"])
def test_a_deletion_voids_what_any_identifier_claimed_up_to_then(entry: str) -> None:
    assert value_of(entry, ("a", 1, 1), ("b", 2, 2), ("a", 3, None)) == (None, "")
    after = value_of(entry, ("a", 1, 1), ("b", 2, None), ("a", 3, 3))
    assert after == ([3] if "union" in entry else 3, "a")


def test_a_value_of_another_type_is_kept_and_not_compared() -> None:
    assert value_of("policy: newest, type: integer", ("a", 1, 1), ("a", 2, "many")) == (1, "a")
    assert (
        read_value("many", TraitType(name="t", type=policy_of("type: integer").trait.type))[1]
        == "trait_of_another_type"
    )


def test_what_is_not_declared_is_the_newest_whatever_it_is() -> None:
    policy = Survivorship("other", CATALOGUE)
    claims = [Claim((1, "web", "m1"), {"a": 1}), Claim((2, "web", "m2"), "x")]
    assert policy.value(policy.tally(claims, "a")) == "x"


def test_a_value_that_is_too_long_is_kept_and_not_compared() -> None:
    plain = policy_of("policy: newest").trait
    listing = policy_of("policy: union").trait
    assert read_value("x" * LONGEST_TRAIT, plain) == (None, "trait_too_large")
    assert read_value("x" * LONGEST_LISTED, plain)[1] is None
    assert read_value(["x", "x" * LONGEST_LISTED], listing) == (None, "trait_too_large")


def test_whole_numbers_beyond_64_bits_keep_their_digits() -> None:
    assert value_of("policy: oldest", ("a", 1, 10**30)) == (10**30, "a")
    stored = policy_of("policy: oldest").tally([Claim((1, "web", "m"), 10**30)], "a")
    assert Tally.from_json(stored.to_json(), "a") == stored


# Many values


def test_of_very_many_values_those_stay_that_were_said_first() -> None:
    policy = policy_of("policy: union", most_values=3)
    claims = [Claim((number, "web", f"m{number}"), number) for number in range(5)]
    tally = policy.tally(claims, "a")
    assert policy.value(tally) == [0, 1, 2]
    assert policy.add(tally, Claim((9, "web", "m9"), 7), "a")
    assert policy.value(tally) == [0, 1, 2]
    assert not policy.add(tally, Claim((-1, "web", "m-1"), 4), "a"), "the fourth was said later too, and left out"


# What is stored


def test_a_stamp_changes_with_what_the_stored_tally_depends_on() -> None:
    stamp = policy_of("policy: sum, type: integer").stamp
    assert stamp == policy_of("policy: sum, type: integer, class: quantitative, personal: true", "Asia/Tokyo").stamp
    assert stamp != policy_of("policy: sum, type: decimal").stamp
    assert policy_of("policy: active_days").stamp != policy_of("policy: active_days", "Asia/Tokyo").stamp


def test_catalogues_differ_in_traits_where_what_is_stored_may_differ() -> None:
    one = parse_catalogue("traits: {a: {type: text}, b: {policy: active_days}}")
    shown = parse_catalogue("traits: {a: {type: text, class: identity}, b: {policy: active_days}, c: }")
    assert not traits_differ(one, shown), "a trait that is declared with all defaults is stored as one that is not"
    assert traits_differ(one, parse_catalogue("traits: {a: {type: integer}, b: {policy: active_days}}"))
    assert traits_differ(one, replace(one, time_zone="Asia/Tokyo"))


orders: st.SearchStrategy[Order] = st.tuples(st.integers(0, 3), st.sampled_from(["web", "crm", "app"]), st.just("m"))
said = st.lists(
    st.tuples(orders, st.sampled_from("abc"), st.sampled_from(VALUES)), max_size=9, unique_by=lambda one: one[0]
)


@examples(300)
@given(name=st.sampled_from(NAMES), said=said, most=st.sampled_from([MOST_VALUES, 2]))
def test_whatever_comes_in_any_order_the_value_is_that_of_the_definition(
    name: str, said: list[tuple[Order, str, Any]], most: int
) -> None:
    policy = Survivorship(name, CATALOGUE, most)
    claims: dict[str, list[Claim]] = {}
    told: dict[str, Tally] = {}
    for order, owner, value in said:
        read, reason = read_value(value, policy.trait)
        if reason is not None:
            continue
        own = claims.setdefault(owner, [])
        own.append(Claim(order, read))
        tally = told.setdefault(owner, Tally())
        if not policy.add(tally, own[-1], owner):
            told[owner] = policy.tally(own, owner)
        told[owner] = Tally.from_json(told[owner].to_json(), owner)
        assert told[owner].order in {claim.order for claim in own}
        assert told[owner] == policy.tally(own, owner), "what is stored is what follows from all claims"
    combined = policy.combine(told, lambda owner, deleted: policy.tally(claims[owner], owner, after=deleted))
    if most == MOST_VALUES:
        expected = reference_value([Told(*one) for one in said], policy.trait, CATALOGUE.zone)
        winner = policy.winner(combined)
        found = None if winner is None else (json.dumps(policy.value(combined), sort_keys=True), *winner)
        assert found == (None if expected is None else tuple(expected))
