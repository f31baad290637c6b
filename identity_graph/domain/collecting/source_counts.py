"""What a commit counts of each source and day: messages by the name of their event, and claims by the name of their trait.

It is counted as it came: what is retracted later stays counted, and no merge or split changes anything. A day is the one, in
UTC, on which the service received the message.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from identity_graph.domain.profiles.claims import MISFIT, TOO_LARGE, UNSUITED
from identity_graph.domain.values.instants import DAY, EARLIEST
from identity_graph.domain.values.observations import Event, Instant

TOLD_APART = 200
"""Names of events, and names of traits, that a process counts each for itself, per source and day: the first that come."""

LONGEST_NAME = 200
"""Characters of a name that is counted for itself."""

OTHERS = "(others)"
"""What is counted under: names that are longer, and those after the first."""

_DAYS_KEPT = 3
_TRACK = "track"


class MessageKey(NamedTuple):
    """What messages are counted by. ``name`` is that of a ``track`` event; of others it is the type."""

    day: int
    source: str
    type: str
    name: str


class ClaimKey(NamedTuple):
    """What claims are counted by; ``name`` is that of the trait."""

    day: int
    source: str
    name: str


@dataclass(slots=True)
class MessageTally:
    """How many messages were new, and how many repeated one that is known."""

    accepted: int = 0
    repeated: int = 0


@dataclass(slots=True)
class ClaimTally:
    """What came of claims of new messages: all of them, those that delete, and those that do not count, by reason.

    ``newest`` is when the newest of them happened, ``misfit`` the id of an event whose value does not fit the type.
    """

    claims: int = 0
    deletions: int = 0
    misfits: int = 0
    unsuited: int = 0
    too_large: int = 0
    newest: Instant = EARLIEST
    misfit: str | None = None

    def count(self, event: Event, said: object, reason: str | None) -> None:
        """Count what an event says of the trait, and why it does not count."""
        self.claims += 1
        self.newest = max(self.newest, event.occurred_at)
        if reason is None:
            self.deletions += said is None
        elif reason == MISFIT:
            self.misfits += 1
            self.misfit = event.id
        else:
            self.unsuited += reason == UNSUITED
            self.too_large += reason == TOO_LARGE

    def add(self, other: "ClaimTally") -> None:
        """Add what was counted under another name."""
        self.claims += other.claims
        self.deletions += other.deletions
        self.misfits += other.misfits
        self.unsuited += other.unsuited
        self.too_large += other.too_large
        self.newest = max(self.newest, other.newest)
        self.misfit = other.misfit or self.misfit


MessageCounts = dict[MessageKey, MessageTally]
ClaimCounts = dict[ClaimKey, ClaimTally]


def count_messages(events: Iterable[Event], repeats: Iterable[bool]) -> MessageCounts:
    """Count messages in the order in which they came, each with whether it is a repeat."""
    counts: MessageCounts = {}
    for event, is_repeat in zip(events, repeats, strict=True):
        name = event.name if event.type == _TRACK else event.type
        tally = counts.setdefault(MessageKey(event.received_at // DAY, event.source, event.type, name), MessageTally())
        if is_repeat:
            tally.repeated += 1
        else:
            tally.accepted += 1
    return counts


@dataclass(slots=True)
class KnownNames:
    """The names that a process tells apart: a sender can make up as many as it likes, and each one takes room."""

    _by_day: dict[int, dict[tuple[str, str], set[str]]] = field(
        default_factory=dict[int, dict[tuple[str, str], set[str]]]
    )

    def fold_messages(self, counts: MessageCounts) -> MessageCounts:
        """Count messages together whose names are too many, or too long, to be told apart."""
        folded: MessageCounts = {}
        for key, tally in counts.items():
            name = self._told("messages", key.day, key.source, key.name)
            into = folded.setdefault(key._replace(name=name), MessageTally())
            into.accepted += tally.accepted
            into.repeated += tally.repeated
        return folded

    def fold_claims(self, counts: ClaimCounts) -> ClaimCounts:
        """Count claims together whose names are too many, or too long, to be told apart."""
        folded: ClaimCounts = {}
        for key, tally in counts.items():
            name = self._told("claims", key.day, key.source, key.name)
            folded.setdefault(key._replace(name=name), ClaimTally()).add(tally)
        return folded

    def _told(self, what: str, day: int, source: str, name: str) -> str:
        known = self._of(day).setdefault((what, source), set())
        if name in known:
            return name
        if len(name) > LONGEST_NAME or len(known) >= TOLD_APART:
            return OTHERS
        known.add(name)
        return name

    def _of(self, day: int) -> dict[tuple[str, str], set[str]]:
        if day not in self._by_day and len(self._by_day) >= _DAYS_KEPT:
            del self._by_day[min(self._by_day)]
        return self._by_day.setdefault(day, {})
