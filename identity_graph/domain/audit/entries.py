"""Entries of the audit log: who did what to which objects, when, and from where. They hold no personal values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from identity_graph.domain.access.principals import Principal
from identity_graph.domain.values.observations import Instant

MOST_OBJECTS = 500
"""Objects of one entry; what touches more makes several entries."""

LONGEST_TEXT = 200
"""Characters of a name, an operation or a reason."""


class Action(StrEnum):
    """What somebody did. The list is closed: a new kind of thing to do is a new member."""

    READ_PERSON = "person.read"
    """Customers, identifiers, journeys or orders were shown."""

    READ_MESSAGES = "messages.read"
    """Dead letters were shown, with the messages as they came."""

    READ_AUDIT = "audit.read"
    """The audit log was shown or exported."""

    EXPORT = "data.export"
    """Data of many people were written to a file."""

    SEND_DATA = "data.import"
    """A file was read in, or messages were tried again."""

    CORRECT = "identity.correct"
    """A person judged, unlinked, retracted or overruled."""

    CHANGE_RULES = "rules.change"
    """Rules were put in force."""

    CHANGE_CATALOGUE = "catalogue.change"
    """A catalogue, or boundaries of scores, were put in force."""

    CHANGE_SEGMENT = "segment.change"
    """A segment or a pinned member was changed."""

    CHANGE_DESTINATION = "destination.change"
    """What other systems are told was changed, or told again."""

    CHANGE_ALERT = "alert.change"
    """A rule of alerts was changed."""

    CHANGE_EXPERIMENT = "experiment.change"
    """An experiment was changed."""

    CHANGE_KEY = "key.change"
    """An access key was made, rotated or revoked."""

    CHANGE_CONSENT = "consent.change"
    """A consent was recorded by hand."""

    PRIVACY = "privacy.change"
    """A privacy request was opened or moved on."""

    ERASE = "person.erase"
    """A person was erased."""

    ASK = "access.ask"
    """Somebody asked without a valid key, or for what the key does not allow. Recorded only because it was refused."""


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Who:
    """Who did it: a key, a token, a command or the service. ``address`` is where the request came from."""

    name: str
    kind: str
    key_id: str = ""
    address: str = ""

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """Take what the log keeps of a principal."""
        return cls(clean(principal.name), principal.kind, clean(principal.key_id or ""), clean(principal.address or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry before it is numbered.

    ``operation`` names what was asked: root fields of GraphQL, a route, or a command. ``objects`` are ids, or keyed hashes of
    identifiers. ``reason`` is the code of an error. ``counts`` are sorted by name.
    """

    id: str
    at: Instant
    who: Who
    action: Action
    operation: str
    objects: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    outcome: Outcome = Outcome.DONE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry in its place: its number, from 1, and the hash of it and of everything before it."""

    number: int
    entry: AuditEntry
    hash: str


def clean(text: str) -> str:
    """Make a text that came from outside fit for the log: short, printable, one line."""
    return "".join(character if character.isprintable() else "�" for character in text[:LONGEST_TEXT])
