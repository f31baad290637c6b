"""Observations and events: the facts that everything else is derived from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple

from identity_graph.domain.values.identifiers import Identifier, IgnoredIdentifier, RawIdentifier

MAX_IDENTIFIERS = 20
"""Identifiers that one observation may hold at most."""

UNBIND = "track_id_unbind"
"""The type of an event that says: from now on, its identifiers are not linked by anything observed until then."""

Instant = int
"""A moment as whole microseconds since 1970-01-01T00:00:00Z."""


class Channel(StrEnum):
    """Where a touchpoint took place."""

    WEB = "WEB"
    APP = "APP"
    MINI_PROGRAM = "MINI_PROGRAM"
    H5 = "H5"
    WECHAT_OFFICIAL_ACCOUNT = "WECHAT_OFFICIAL_ACCOUNT"
    WECOM = "WECOM"
    EMAIL = "EMAIL"
    SMS = "SMS"
    SOCIAL = "SOCIAL"
    ADS = "ADS"
    STORE = "STORE"
    CALL_CENTRE = "CALL_CENTRE"
    CRM = "CRM"
    OTHER = "OTHER"


class Campaign(NamedTuple):
    """What brought a person to a touchpoint: a campaign, an ad, or the site that referred them. Each part may be unknown.

    ``click_id`` is what the platform ``click_id_name`` names (``gclid``, …) knows the click by.
    """

    source: str | None = None
    medium: str | None = None
    name: str | None = None
    term: str | None = None
    content: str | None = None
    click_id: str | None = None
    click_id_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """These identifiers were seen together; unique per (source, message id).

    ``identifiers`` are usable and distinct; which of them it links follows from the rules (``evidence.linked_pairs``).
    """

    source: str
    message_id: str
    occurred_at: Instant
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a source, taken apart but not yet read under any rules.

    ``occurred_at`` is corrected for the clock of the sender and never after ``received_at``. ``properties``,
    ``traits`` and ``context`` hold JSON values; ``context`` is what is kept of it.
    """

    source: str
    message_id: str
    type: str
    name: str
    occurred_at: Instant
    received_at: Instant
    channel: Channel
    identifiers: tuple[RawIdentifier, ...]
    properties: Mapping[str, Any] = field(default_factory=dict[str, Any])
    traits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    context: Mapping[str, Any] = field(default_factory=dict[str, Any])
    campaign: Campaign | None = None
    consents: str | None = None
    """What it says of consents, as ``domain.consent.statements`` writes it; None for nothing."""
    unreadable: tuple[IgnoredIdentifier, ...] = ()
    """Fields that were left out, each in the place of a namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Observation):
    """An observation with all that came with it: what the graph keeps as ``(:Event)`` and shows as a touchpoint."""

    type: str
    name: str
    received_at: Instant
    channel: Channel
    raw_identifiers: tuple[RawIdentifier, ...]
    ignored: tuple[IgnoredIdentifier, ...]
    properties: Mapping[str, Any]
    traits: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict[str, Any])
    campaign: Campaign | None = None
    consents: str | None = None
    id: str = field(init=False)
    """The touchpoint's id, the same for every repeat of the message."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", event_id(self.source, self.message_id))


def event_id(source: str, message_id: str) -> str:
    """Derive the id of the event that (source, message id) names: ``evt_`` and 128 bits of BLAKE2b in hex."""
    text = f"{len(source)}:{source}{message_id}".encode("utf-8", "surrogatepass")
    return "evt_" + blake2b(text, digest_size=16).hexdigest()
