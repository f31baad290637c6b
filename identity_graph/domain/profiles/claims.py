"""Claims: what one event says of one trait, in the order in which claims are compared."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import orjson

from identity_graph.domain.profiles.trait_types import Policy, TraitType
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.values.claims import ClaimKind
from identity_graph.domain.values.observations import Instant

Order = tuple[Instant, str, str]
"""Time, source and message id of the event: no two claims of one trait have the same, and every store sorts them alike."""

LONGEST_TRAIT = 8192
"""Characters of JSON that a trait may have."""

LONGEST_LISTED = 512
"""Characters of JSON that one value may have where a policy keeps many of them."""

MISFIT = "trait_of_another_type"
UNSUITED = "trait_of_another_policy"
TOO_LARGE = "trait_too_large"

_LISTING = frozenset({Policy.MOST_FREQUENT, Policy.TOP, Policy.UNION, Policy.DISTINCT_COUNT})


_SUITED: Mapping[ClaimKind, frozenset[Policy]] = {
    ClaimKind.SET_ONCE: frozenset({Policy.OLDEST, Policy.FIRST}),
    ClaimKind.INCREMENT: frozenset({Policy.SUM, Policy.MEAN, Policy.COUNT, Policy.ACTIVE_DAYS}),
    ClaimKind.APPEND: frozenset({Policy.UNION, Policy.DISTINCT_COUNT}),
}
"""The policies under which a claim of each kind counts, those that set aside, which always do: an amount to add is no value to
replace one with."""


class Claim(NamedTuple):
    """A claim. ``value`` is a JSON value in the form of the trait's type; None deletes the trait at that time."""

    order: Order
    value: Any


def read_value(value: Any, trait: TraitType, kind: ClaimKind = ClaimKind.SET) -> tuple[Any, str | None]:
    """Read what an event says: a value, None for a deletion, or the reason why the claim is kept and not compared."""
    value, reason = read_typed(value, trait, kind)
    longest = LONGEST_LISTED if trait.policy in _LISTING else LONGEST_TRAIT
    if value is not None and any(len(text_of(item)) > longest for item in listed_in(value, trait)):
        return None, TOO_LARGE
    return value, reason


def read_typed(value: Any, trait: TraitType, kind: ClaimKind) -> tuple[Any, str | None]:
    """Read what an event says, however long it is."""
    if kind is not ClaimKind.SET and trait.policy not in _SUITED[kind]:
        return None, UNSUITED
    if value is None or not trait.declared:
        return value, None
    value = fit(value, trait)
    return value, MISFIT if value is None else None


def listed_in(value: Any, trait: TraitType) -> list[Any]:
    """List the values in a claim: with the policies that unite, those of a list, else the one."""
    if trait.policy in {Policy.UNION, Policy.DISTINCT_COUNT} and isinstance(value, list):
        return cast("list[Any]", value)
    return [value]


def text_of(value: Any) -> str:
    """Write a JSON value so that equal ones are equal texts."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
