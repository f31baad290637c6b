"""What may differ in profiles between two catalogues."""

from typing import Any, NamedTuple, cast

from identity_graph.domain.profiles.catalogue import PARTS, Catalogue, meaning_of
from identity_graph.domain.profiles.trait_types import Policy, TraitType

DERIVATION = 1
"""Grows by one when profiles are derived otherwise from the same facts, rules and catalogue: then all are derived again.

1: traits by policy, orders, channels and campaigns.
"""


def traits_differ(before: Catalogue, after: Catalogue) -> bool:
    """Tell whether what is stored of traits may differ: not by what is only shown, as their class is."""
    return any(stored_form(name, before) != stored_form(name, after) for name in before.traits | after.traits)


def orders_differ(before: Catalogue, after: Catalogue) -> bool:
    """Tell whether what is stored of orders may differ: not by the currency that sums are reported in, or by its rates."""
    one, other = before.commerce, after.commerce
    return any(
        getattr(one, name) != getattr(other, name)
        for name in ("events", "scope_property", "scope_of_source", "currency")
    )


def channels_differ(before: Catalogue, after: Catalogue) -> bool:
    """Tell whether channels and campaigns of events may differ."""
    return before.channels != after.channels


def stored_form(name: str, catalogue: Catalogue) -> tuple[object, ...]:
    """Give all that what is stored of a trait depends on."""
    trait: TraitType = catalogue.trait(name)
    zone = catalogue.time_zone if trait.policy is Policy.ACTIVE_DAYS else ""
    return trait.type, trait.policy, trait.values, trait.sources, zone


class CatalogueChange(NamedTuple):
    """What two catalogues say otherwise: a trait, or another entry of a part. None stands for nothing at all."""

    part: str
    name: str
    before: Any
    after: Any


def list_changes(before: Catalogue, after: Catalogue) -> list[CatalogueChange]:
    """List what two catalogues say otherwise, in the order of the parts and by name; values as JSON has them."""
    changes: list[CatalogueChange] = []
    for part in PARTS:
        old, new = meaning_of(getattr(before, part)), meaning_of(getattr(after, part))
        if not isinstance(old, dict):
            old, new = {"": old}, {"": new}
        entries_before, entries_after = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        for name in sorted(entries_before | entries_after):
            one, other = entries_before.get(name), entries_after.get(name)
            if one != other:
                changes.append(CatalogueChange(part, name, one, other))
    return changes
