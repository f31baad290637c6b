"""What a unit of work changes of customers, as far as anybody reads it: these are marked when it is committed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.values.observations import Channel, Instant


class MarkCause(IntEnum):
    """Why a customer is marked; of several causes the greatest one stands."""

    PIN = 0
    EVENT = 1
    RULES = 2
    RETRACTION = 3
    SPLIT = 4
    MERGE = 5
    ERASURE = 6


@dataclass(slots=True)
class Mark:
    """What changed, why, and when what caused it happened."""

    tokens: set[str]
    cause: MarkCause
    occurred_at: Instant

    def add(self, tokens: Iterable[str], cause: MarkCause, occurred_at: Instant) -> None:
        """Add another change."""
        self.tokens.update(tokens)
        self.cause = max(self.cause, cause)
        self.occurred_at = max(self.occurred_at, occurred_at)


@dataclass(slots=True)
class Touched:
    """The customers that one run of a unit of work changes; ``watched`` is what segments read, None without any.

    ``has_bars``: there are bars, or this run sets one, so that whoever is barred may have become another customer.

    What hangs on an identifier is noted by its key: it is the customer's to whom the identifier belongs in the end.
    """

    watched: Inputs | None = None
    has_bars: bool = False
    by_key: dict[str, Mark] = field(default_factory=dict[str, Mark])
    by_id: dict[str, Mark] = field(default_factory=dict[str, Mark])

    def touch_key(
        self, key: str, tokens: Iterable[str], occurred_at: Instant, cause: MarkCause = MarkCause.EVENT
    ) -> None:
        """Note that something changed that hangs on an identifier."""
        if self.watched is not None:
            _add(self.by_key, key, tokens, occurred_at, cause)

    def touch_customer(
        self, id: str, tokens: Iterable[str], occurred_at: Instant, cause: MarkCause = MarkCause.EVENT
    ) -> None:
        """Note that something of a customer changed, one that is no more too."""
        if self.watched is not None:
            _add(self.by_id, id, tokens, occurred_at, cause)

    def touch_orders(self, keys: Iterable[str], occurred_at: Instant) -> None:
        """Note that an order changed in whose events identifiers were seen: it may be of any of them now."""
        watched = self.watched
        if watched is not None and (watched.orders or watched.preferred_channel):
            for key in keys:
                _add(self.by_key, key, ("orders", "preferred_channel"), occurred_at, MarkCause.EVENT)


def tokens_of_event(name: str, channel: Channel, watched: Inputs, contacts: Iterable[str]) -> list[str]:
    """Tell what an event changes of the customer whose it is; ``contacts`` are the names that tell of preferred channels."""
    tokens: list[str] = []
    if name in watched.events:
        tokens.append(f"event:{name}")
    if channel in watched.channels:
        tokens.append(f"channel:{channel.value}")
    if watched.preferred_channel and name in contacts:
        tokens.append("preferred_channel")
    if watched.all_traits:
        tokens.append("all_traits")  # what is checked of claims is that of the last events
    return tokens


def tokens_of_traits(names: Iterable[str], watched: Inputs) -> list[str]:
    """Tell what claims change of the customer whose they are."""
    if watched.all_traits:
        return ["all_traits", *(f"trait:{name}" for name in watched.traits.intersection(names))]
    return [f"trait:{name}" for name in watched.traits.intersection(names)]


def _add(marks: dict[str, Mark], name: str, tokens: Iterable[str], occurred_at: Instant, cause: MarkCause) -> None:
    known = marks.get(name)
    if known is None:
        marks[name] = Mark(set(tokens), cause, occurred_at)
    else:
        known.add(tokens, cause, occurred_at)
