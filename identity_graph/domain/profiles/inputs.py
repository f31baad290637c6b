"""What is read of a customer, or what changed: names of events and traits, orders, identifiers and so on."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from identity_graph.domain.values.observations import Channel

EVERYTHING = "*"
"""The token of a change that may be of anything."""

_NAMED = {"event": "events", "channel": "channels", "trait": "traits", "segment": "segments", "consent": "consents"}
_FLAGS = ("all_traits", "orders", "identifiers", "links", "sessions", "first_seen", "preferred_channel", "scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a rule reads, or what changed of a customer.

    ``events`` are names, ``channels`` those of any event, ``consents`` purposes. ``all_traits``: whatever trait it is, with
    the claims that do not fit. ``held`` are traits of which earlier values matter, too. ``scores`` is the RFM cut, ``time`` says
    that windows move, so that the answer may change without any fact.
    """

    events: frozenset[str] = frozenset()
    channels: frozenset[Channel] = frozenset()
    traits: frozenset[str] = frozenset()
    all_traits: bool = False
    held: frozenset[str] = frozenset()
    orders: bool = False
    identifiers: bool = False
    links: bool = False
    sessions: bool = False
    first_seen: bool = False
    preferred_channel: bool = False
    segments: frozenset[str] = frozenset()
    consents: frozenset[str] = frozenset()
    scores: bool = False
    time: bool = False

    def __or__(self, other: "Inputs") -> "Inputs":
        """Unite two."""
        return Inputs(**{f.name: getattr(self, f.name) | getattr(other, f.name) for f in fields(self)})

    def is_touched_by(self, changed: "Inputs") -> bool:
        """Tell whether anything that changed may change the answer; time aside."""
        if (self.all_traits and changed.traits) or (changed.all_traits and self.traits):
            return True
        return any(getattr(self, f.name) & getattr(changed, f.name) for f in fields(self) if f.name != "time")

    def tokens(self) -> frozenset[str]:
        """Write it as texts that can be united: `event:Order Completed`, `orders` and so on; time aside."""
        named = {f"{kind}:{name}" for kind, field in _NAMED.items() for name in getattr(self, field)}
        return frozenset(named | {flag for flag in _FLAGS if getattr(self, flag)})


def read_tokens(tokens: Iterable[str]) -> Inputs:
    """Read what ``tokens`` wrote."""
    named: dict[str, set[str]] = {field: set() for field in _NAMED.values()}
    given: dict[str, Any] = {}
    for token in tokens:
        kind, colon, name = token.partition(":")
        if colon:
            named[_NAMED[kind]].add(name)
        else:
            given[token] = True
    channels = frozenset(Channel(name) for name in named.pop("channels"))
    given.update((field, frozenset(names)) for field, names in named.items())
    return Inputs(channels=channels, **given)
