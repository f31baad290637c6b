"""Messages of the Sensors protocol: who, what, when and where.

Pure and quick, like the reading of Segment's messages beside it; both give the same ``Message``.
"""

from hashlib import blake2b
from typing import Any, cast

import orjson

from identity_graph.domain.collecting.segment.context import keep_context
from identity_graph.domain.collecting.segment.fields import (
    OddFields,
    Rejection,
    RejectionCode,
    UnreadableError,
    drop_absent,
    read_name,
    read_object,
)
from identity_graph.domain.collecting.segment.messages import LONGEST_TRAIT_NAME, MAX_MESSAGE_BYTES, measure
from identity_graph.domain.collecting.sensors.checksum import is_intact
from identity_graph.domain.collecting.sensors.context import read_context
from identity_graph.domain.collecting.sensors.identifiers import LOGIN_MARK, read_raw_identifiers
from identity_graph.domain.collecting.sensors.time import find_occurred_at
from identity_graph.domain.consent.sdk import read_consents
from identity_graph.domain.consent.statements import write_statements
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS, ChannelRules
from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.values.json_reader import NoNumber, without_odd_numbers
from identity_graph.domain.values.observations import UNBIND, Instant, Message

EVENT_TYPES = frozenset({"track", "track_signup", "track_id_bind", UNBIND})
PROFILE_TYPES = frozenset(
    {"profile_set", "profile_set_once", "profile_increment", "profile_append", "profile_unset", "profile_delete"}
)
ITEM_TYPES = frozenset({"item_set", "item_delete"})
MESSAGE_TYPES = EVENT_TYPES | PROFILE_TYPES | ITEM_TYPES
"""What a message can be."""

SAID = (
    "project",
    "type",
    "event",
    "distinct_id",
    "original_id",
    "identities",
    "time",
    "_track_id",
    "item_type",
    "item_id",
    "properties",
)
"""The fields that make a message what it is; all others may differ when an SDK sends it again."""

CHANGED_BY_A_RETRY = frozenset({"_flush_time", "_nocache", "_user_agent"})
"""Fields that differ when an SDK sends the same message again."""

_VIEWS = {"$pageview": "page", "$MPViewScreen": "screen", "$AppViewScreen": "screen"}
"""Preset events that are what Segment's SDKs call a page view or a screen view."""

_IDS_AND_TIMES = ("distinct_id", "original_id", "login_id", "anonymous_id", "time")


def extract(
    message: object,
    *,
    source: str,
    received_at: Instant,
    channels: ChannelRules = DEFAULT_CHANNELS,
    keep_ip: bool = False,
) -> Message | Rejection:
    """Take one message (a JSON value) apart, or say why that cannot be done.

    ``channels`` say how channel and campaign are read; ``keep_ip`` keeps whole network addresses.
    """
    try:
        return _extract(message, source, received_at, channels, keep_ip)
    except UnreadableError as error:
        return error.rejection


def derive_message_id(message: dict[str, Any]) -> str:
    """Derive an id from what a message says, as the protocol has none; a retry derives the same."""
    said = {name: message[name] for name in SAID if name in message}
    return "sensors-" + blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _extract(message: object, source: str, received_at: Instant, channels: ChannelRules, keep_ip: bool) -> Message:
    if type(message) is not dict:
        raise UnreadableError(RejectionCode.NOT_AN_OBJECT, "a message must be a JSON object")
    _check_whole(message)
    odd = OddFields()
    message = _check_size(message, odd)
    kind = message.get("type")
    if type(kind) is not str or kind not in MESSAGE_TYPES:
        raise UnreadableError(RejectionCode.UNKNOWN_TYPE, f"type must be one of {', '.join(sorted(MESSAGE_TYPES))}")
    properties = _read_properties(message, kind, odd)
    context = read_context(message, properties)
    is_profile = kind in PROFILE_TYPES
    type_, name, said = kind, kind, properties
    if kind in EVENT_TYPES:
        name = read_name(message.get("event"), "event", odd) or kind
        if kind == "track" and name in _VIEWS:
            type_, said = _VIEWS[name], {**properties, "$event": name}
            name = _title_of(properties) or name
    elif kind in ITEM_TYPES:
        said = {**properties, **drop_absent({key: message.get(key) for key in ("item_type", "item_id")})}
    # An item is a product, not a person: its messages are kept, and are nobody's.
    identifiers = () if kind in ITEM_TYPES else read_raw_identifiers(message, kind, properties, odd)
    traits = _read_traits(properties, kind, odd) if is_profile else {}
    if context:
        context = keep_context(context, "", identifiers=identifiers, traits=traits, keep_ip=keep_ip, odd=odd)
    kept = {} if is_profile else said
    origin = find_origin(Said(source, type_, context, kept), channels)
    return Message(
        source=source,
        message_id=derive_message_id(message),
        type=type_,
        name=name,
        occurred_at=find_occurred_at(message, received_at=received_at, odd=odd),
        received_at=received_at,
        channel=origin.channel,
        identifiers=identifiers,
        properties=kept,
        traits=traits,
        context=context,
        campaign=origin.campaign,
        consents=write_statements(read_consents(message, {}, name)),
        unreadable=tuple(dict.fromkeys(field.as_ignored() for field in odd)),
    )


def _check_whole(message: dict[str, Any]) -> None:
    """Refuse data that arrived damaged (see ``requests.damaged``)."""
    data, ext = message.get("data"), message.get("ext")
    if "type" not in message and type(data) is str and type(ext) is str and not is_intact(data, ext):
        raise UnreadableError(
            RejectionCode.WRONG_CHECKSUM, "the checksum in ext is not that of data: it was changed or cut on its way"
        )


def _check_size(message: dict[str, Any], odd: OddFields) -> dict[str, Any]:
    """Refuse what is too large or cannot be stored; return the message without NaN and Infinity, added to ``odd``."""
    identities = message.get("identities")
    ids = [message.get(name) for name in _IDS_AND_TIMES]
    ids += cast("dict[str, Any]", identities).values() if isinstance(identities, dict) else ()
    if any(isinstance(value, NoNumber) for value in ids):
        raise UnreadableError(RejectionCode.INVALID_FIELD, "an id or the time is NaN or Infinity: send a text")
    try:
        size = len(orjson.dumps(message))
    except TypeError:
        cleaned: dict[str, Any] = without_odd_numbers(message)
        if cleaned != message:
            odd.add("properties", 0, "must not hold NaN or Infinity")
        message, size = cleaned, measure(cleaned)
    if size > MAX_MESSAGE_BYTES:
        raise UnreadableError(
            RejectionCode.MESSAGE_TOO_LARGE, f"a message may have {MAX_MESSAGE_BYTES} bytes, this one has {size}"
        )
    return message


def _read_properties(message: dict[str, Any], kind: str, odd: OddFields) -> dict[str, Any]:
    """Read the properties; those of ``profile_unset`` may be a list of names."""
    value = message.get("properties")
    if kind == "profile_unset" and isinstance(value, list):
        return {name: True for name in cast("list[Any]", value) if type(name) is str}
    return read_object(message, "properties", odd)


def _read_traits(properties: dict[str, Any], kind: str, odd: OddFields) -> dict[str, Any]:
    """Read the claims of a profile message (see ``claim_kind``): to unset a trait is to set it to null."""
    if kind == "profile_unset":
        traits: dict[str, Any] = dict.fromkeys(properties)
    else:
        traits = drop_absent(properties)
    traits.pop(LOGIN_MARK, None)
    for name in [name for name in traits if len(name) > LONGEST_TRAIT_NAME]:
        odd.add("properties", name, f"may have names of at most {LONGEST_TRAIT_NAME} characters")
        del traits[name]
    return traits


def _title_of(properties: dict[str, Any]) -> str:
    title = properties.get("$title")
    return title if type(title) is str else ""
