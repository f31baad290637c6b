"""The catalogue: what is known of the traits of customers, and how profiles are derived."""

import json
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any, cast
from zoneinfo import ZoneInfo

from identity_graph.domain.consent.rules import SHIPPED_CONSENT, ConsentRules
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS, ChannelRules
from identity_graph.domain.profiles.commerce import CommerceRules
from identity_graph.domain.profiles.computed_types import ComputedType
from identity_graph.domain.profiles.interactions import InteractionRules
from identity_graph.domain.profiles.lifecycle import LifecycleRules
from identity_graph.domain.profiles.preference import PreferenceRules
from identity_graph.domain.profiles.retention import NO_RETENTION, RetentionRules
from identity_graph.domain.profiles.rfm import RfmRules
from identity_graph.domain.profiles.trait_types import TraitClass, TraitType, undeclared


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """A validated catalogue. ``yaml`` is the text that it was read from; ``time_zone`` is an IANA name.

    Each further part of profiles is a field of its own: a frozen dataclass whose fields are texts, numbers, flags, and
    tuples, sets and dicts of these, so that ``fingerprint`` and comparisons take it in.
    """

    time_zone: str = "UTC"
    traits: dict[str, TraitType]
    computed: dict[str, ComputedType] = field(default_factory=dict[str, ComputedType])
    commerce: CommerceRules = field(default_factory=CommerceRules)
    rfm: RfmRules = field(default_factory=RfmRules)
    lifecycle: LifecycleRules = field(default_factory=LifecycleRules)
    preference: PreferenceRules = field(default_factory=PreferenceRules)
    channels: ChannelRules = DEFAULT_CHANNELS
    interactions: InteractionRules = field(default_factory=InteractionRules)
    consent: ConsentRules = SHIPPED_CONSENT
    retention: RetentionRules = NO_RETENTION
    yaml: str = ""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone whose days count as days."""
        return ZoneInfo(self.time_zone)

    def trait(self, name: str) -> TraitType:
        """Give the type of a trait, declared or not."""
        return self.traits.get(name) or undeclared(name)

    def computed_of(self, shown_in: TraitClass) -> tuple[str, ...]:
        """Name the computed traits that a class shows, sorted."""
        return tuple(sorted(name for name, kind in self.computed.items() if kind.trait_class is shown_in))


def fingerprint(catalogue: Catalogue) -> str:
    """Hash what a catalogue means: equal for two texts that differ in comments, spelling, order or left-out defaults only.

    A SHA-256 in hex.
    """
    meaning = {"format": 1, **{part: meaning_of(getattr(catalogue, part)) for part in PARTS}}
    return sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def meaning_of(value: Any) -> Any:
    """Write a part of a catalogue as JSON has it, with all its defaults."""
    if is_dataclass(value):
        return {f.name: meaning_of(getattr(value, f.name)) for f in fields(value) if f.compare}
    if isinstance(value, dict):
        return {str(key): meaning_of(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [meaning_of(item) for item in cast("list[Any]", value)]
    if isinstance(value, set | frozenset):
        return sorted((meaning_of(item) for item in cast("set[Any]", value)), key=json.dumps)
    return str(value) if isinstance(value, Decimal) else value


PARTS = tuple(f.name for f in fields(Catalogue) if f.name != "yaml")
"""The parts of a catalogue, such as ``traits``."""
