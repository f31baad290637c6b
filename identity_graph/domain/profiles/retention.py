"""Retention: after how long what events say is deleted. Which identifiers were seen together, and when, stays as evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from identity_graph.domain.profiles.trait_types import TraitClass
from identity_graph.domain.values.observations import UNBIND, Instant
from identity_graph.domain.values.yaml_sections import Section

RETENTION_KEYS = ("events", "orders", "traits")
DEFAULT = "default"
"""The line for all events that have none of their own."""

EMPTIED = "$Removed"
"""The name of an event whose content was deleted."""

_NEVER = "never"
_CLASSES = {kind.value: kind for kind in TraitClass}


@dataclass(frozen=True)
class RetentionRules:
    """After how many microseconds what is deleted; what is not named is kept.

    ``events`` are by name, or by type where an event has no name; ``otherwise`` is for all others. Events that tell of orders go by
    ``orders`` alone.
    """

    events: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    otherwise: int | None = None
    orders: int | None = None
    traits: Mapping[str, int] = field(default_factory=dict[str, int])

    @cached_property
    def limits(self) -> tuple[int, ...]:
        """All ages at which something is deleted, the shortest first."""
        given = {*self.events.values(), self.otherwise, self.orders, *self.traits.values()} - {None}
        return tuple(sorted(age for age in given if age is not None))

    def keeps_content(self, type: str, name: str, age: Instant, *, tells_of_order: bool) -> bool:
        """Tell whether the content of an event of some age may stay. What unbinds identifiers says nothing but these."""
        limit = self.orders if tells_of_order else self.events.get(name or type, self.otherwise)
        return limit is None or age < limit or type == UNBIND

    def keeps_trait(self, trait_class: str, age: Instant) -> bool:
        """Tell whether what an event of some age says of a trait of a class may stay."""
        limit = self.traits.get(trait_class)
        return limit is None or age < limit

    def keep_traits(self, said: Mapping[str, Any], classes: Mapping[str, str], age: Instant) -> dict[str, Any]:
        """Give what stays of the traits that an event says; ``classes`` are those of the names."""
        return {name: value for name, value in said.items() if self.keeps_trait(classes[name], age)}


NO_RETENTION = RetentionRules()


def read_retention(section: Section) -> RetentionRules:
    """Read the section ``retention``; without it everything is kept."""
    events, traits = section.part("events"), section.part("traits", tuple(_CLASSES))
    by_name = {name: _read_age(events, name) for name in events}
    by_class = {name: age for name in traits if (age := _read_age(traits, name)) is not None}
    otherwise = by_name.pop(DEFAULT, None)
    return RetentionRules(by_name, otherwise, _read_age(section, "orders"), by_class)


def _read_age(section: Section, key: str) -> int | None:
    """Read a duration; ``never``, absent and blank mean that nothing is deleted."""
    if key in section and section.text(key, "a duration such as P400D, or never") == _NEVER:
        return None
    return section.duration(key, None)
