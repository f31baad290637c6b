"""Messages of the Segment family: who, what, when and where.

The one reading that the collector, the import and the simulation share. It is pure and quick (some microseconds a
message), so it runs on every message before anything is stored.
"""

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import orjson

from identity_graph.domain.collecting.segment.channel import check_channels
from identity_graph.domain.collecting.segment.context import keep_context
from identity_graph.domain.collecting.segment.fields import (
    UNREADABLE,
    OddFields,
    Rejection,
    RejectionCode,
    UnreadableError,
    drop_absent,
    drop_blank,
    read_id,
    read_name,
    read_object,
)
from identity_graph.domain.collecting.segment.identifiers import find_ids, read_raw_identifiers
from identity_graph.domain.collecting.segment.time import find_occurred_at
from identity_graph.domain.consent.sdk import OPTED_OUT, read_consents
from identity_graph.domain.consent.statements import write_statements
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS, ChannelRules
from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.profiles.trait_types import LONGEST_TRAIT_NAME
from identity_graph.domain.rules.normalization import read_identifiers
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.json_reader import NoNumber, is_text, without_odd_numbers
from identity_graph.domain.values.observations import Event, Instant, Message

__all__ = [
    "CHANGED_BY_A_RETRY",
    "MAX_MESSAGE_BYTES",
    "MESSAGE_TYPES",
    "Message",
    "Rejection",
    "RejectionCode",
    "derive_message_id",
    "extract",
    "measure",
    "reread_event",
    "to_event",
]

MESSAGE_TYPES = frozenset({"identify", "track", "page", "screen", "group", "alias"})
"""What a message can be."""

MAX_MESSAGE_BYTES = 32 * 1024
"""Bytes of JSON, without blanks, that a message may have."""

CHANGED_BY_A_RETRY = frozenset({"sentAt", "writeKey", "receivedAt", "_metadata", OPTED_OUT})
"""Fields that differ when an SDK sends the same message again."""

_LONGEST_MESSAGE_ID = 100
_IDS_AND_TIMES = ("userId", "anonymousId", "previousId", "messageId", "timestamp", "originalTimestamp")
"""Fields of a message that are an id or the time: without what one said it would be another message."""
_COUNTED = ("type", "event", "name", "groupId", "channel", "context", "traits", "properties", "sentAt")
"""Fields of a message that are told when NaN or Infinity in them were left out; of others nothing is read."""


def extract(
    message: object,
    *,
    source: str,
    received_at: Instant,
    sent_at: object = None,
    default_type: str | None = None,
    channels: ChannelRules = DEFAULT_CHANNELS,
    keep_ip: bool = False,
) -> Message | Rejection:
    """Take one message apart, or say why that cannot be done.

    ``message`` is a JSON value, ``sent_at`` that of its batch as it came, ``default_type`` what the path says when the
    message names no type. ``channels`` say how channel and campaign are read; ``keep_ip`` keeps whole network addresses.
    """
    try:
        return _extract(message, source, received_at, sent_at, default_type, channels, keep_ip)
    except UnreadableError as error:
        return error.rejection


def to_event(message: Message, rules: RuleSet) -> Event:
    """Read a message under rules: which of its identifiers are usable, and why the others are not."""
    identifiers, ignored = read_identifiers(message.identifiers, rules, message.source)
    return Event(
        source=message.source,
        message_id=message.message_id,
        occurred_at=message.occurred_at,
        identifiers=identifiers,
        type=message.type,
        name=message.name,
        received_at=message.received_at,
        channel=message.channel,
        raw_identifiers=message.identifiers,
        ignored=(*message.unreadable, *ignored),
        properties=message.properties,
        traits=message.traits,
        context=message.context,
        campaign=message.campaign,
        consents=message.consents,
    )


def reread_event(event: Event, rules: RuleSet) -> Event:
    """Read an event again under other rules."""
    identifiers, ignored = read_identifiers(event.raw_identifiers, rules, event.source)
    unreadable = (item for item in event.ignored if item.code == UNREADABLE)
    return replace(event, identifiers=identifiers, ignored=(*unreadable, *ignored))


def derive_message_id(message: dict[str, Any], kind: str) -> str:
    """Derive an id from what a message says, for one that brings none; a retry derives the same.

    What a retry changes (``sentAt``) is left out, and so is what says nothing about the event.
    """
    said = {name: value for name, value in message.items() if name not in CHANGED_BY_A_RETRY}
    said["type"] = kind
    return "derived-" + blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _extract(
    message: object,
    source: str,
    received_at: Instant,
    sent_at: object,
    default_type: str | None,
    channels: ChannelRules,
    keep_ip: bool,
) -> Message:
    if type(message) is not dict:
        raise UnreadableError(RejectionCode.NOT_AN_OBJECT, "a message must be a JSON object")
    odd = OddFields()
    message = _check_size(message, odd)
    kind = _read_type(message, default_type, odd)
    context = read_object(message, "context", odd)
    properties = read_object(message, "properties", odd)
    own_traits = read_object(message, "traits", odd)
    traits = read_object(context, "traits", odd, "context.")
    if kind == "group":
        identifiers = read_raw_identifiers(message, kind, context, odd, ("context.traits", traits))
        properties = drop_absent({**own_traits, **properties, "groupId": message.get("groupId")})
    else:
        identifiers = read_raw_identifiers(
            message, kind, context, odd, ("traits", own_traits), ("context.traits", traits), ("properties", properties)
        )
        traits = {**traits, **own_traits} if own_traits else traits
    if traits:
        traits = drop_blank(traits)
        for name in [name for name in traits if len(name) > LONGEST_TRAIT_NAME]:
            odd.add("traits", name, f"may have names of at most {LONGEST_TRAIT_NAME} characters")
            del traits[name]
    message_id = read_id(message.get("messageId"), "messageId", odd)
    if len(message_id) > _LONGEST_MESSAGE_ID:
        odd.add("messageId", message_id, f"may have at most {_LONGEST_MESSAGE_ID} characters")
        message_id = ""
    name = _read_name(message, kind, properties, odd)
    occurred_at = find_occurred_at(message, received_at=received_at, sent_at=sent_at, odd=odd)
    consents = read_consents(message, context, name)
    own_channel = check_channels(message, context, properties, odd)
    if context or own_channel:
        context = keep_context(context, own_channel, identifiers=identifiers, traits=traits, keep_ip=keep_ip, odd=odd)
    origin = find_origin(Said(source, kind, context, properties), channels)
    return Message(
        source=source,
        message_id=message_id or derive_message_id(message, kind),
        type=kind,
        name=name,
        occurred_at=occurred_at,
        received_at=received_at,
        channel=origin.channel,
        identifiers=identifiers,
        properties=properties,
        traits=traits,
        context=context,
        campaign=origin.campaign,
        consents=write_statements(consents) if consents else None,
        unreadable=tuple(dict.fromkeys(field.as_ignored() for field in odd)),
    )


def _check_size(message: dict[str, Any], odd: OddFields) -> dict[str, Any]:
    """Write the message out once: that finds its size, and what could not be stored anyway.

    Returns the message without NaN and Infinity, which are added to ``odd``.
    """
    try:
        size = len(orjson.dumps(message))
    except TypeError:
        message = _without_odd_numbers(message, odd)
        size = measure(message)
    if size > MAX_MESSAGE_BYTES:
        raise UnreadableError(
            RejectionCode.MESSAGE_TOO_LARGE, f"a message may have {MAX_MESSAGE_BYTES} bytes, this one has {size}"
        )
    return message


def _without_odd_numbers(message: dict[str, Any], odd: OddFields) -> dict[str, Any]:
    """Leave out NaN and Infinity.

    Raises:
        UnreadableError: they stand for an id or for the time.
    """
    ids = ((name, message.get(name)) for name in _IDS_AND_TIMES)
    context = message.get("context")
    for path, value in (*ids, *(find_ids(context) if type(context) is dict else ())):
        if isinstance(value, NoNumber):
            raise UnreadableError(RejectionCode.INVALID_FIELD, f"{path} is NaN or Infinity: send a text")
    cleaned: dict[str, Any] = {name: without_odd_numbers(value) for name, value in message.items()}
    for name in _COUNTED:
        if cleaned.get(name) != message.get(name):
            odd.add(name, 0, "must not hold NaN or Infinity")
    return cleaned


def measure(message: dict[str, Any]) -> int:
    """Count the bytes of a message as JSON.

    Raises:
        UnreadableError: it holds what JSON cannot hold.
    """
    try:
        return len(orjson.dumps(message))
    except TypeError:
        if not is_text(message):
            raise UnreadableError(
                RejectionCode.INVALID_TEXT, "a text has half of a surrogate pair or bytes that are not UTF-8"
            ) from None
        raise UnreadableError(
            RejectionCode.INVALID_FIELD,
            "a number has more than 64 bits (send it as a string), or the message is nested too deeply",
        ) from None


def _read_type(message: dict[str, Any], default_type: str | None, odd: OddFields) -> str:
    kind = message.get("type")
    if kind is not None and kind != "" and type(kind) is not str:
        odd.add("type", kind, "must be a string")
        kind = None
    if kind is None or kind == "":
        kind = default_type
    if kind not in MESSAGE_TYPES:
        raise UnreadableError(RejectionCode.UNKNOWN_TYPE, f"type must be one of {', '.join(sorted(MESSAGE_TYPES))}")
    return kind


def _read_name(message: dict[str, Any], kind: str, properties: dict[str, Any], odd: OddFields) -> str:
    """Read the name of the event, page or screen; a message without one goes by its type."""
    if kind == "track":
        return read_name(message.get("event"), "event", odd) or kind
    if kind in {"page", "screen"}:
        name = read_name(message.get("name"), "name", odd)
        if not name:
            own = properties.get("name")
            name = own if type(own) is str else ""
        return name or kind
    return kind
