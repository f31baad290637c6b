"""Messages that WeChat and WeCom push: who, what, when and where.

A message is the object that came, as JSON or read off its XML, with one field more: ``appId`` is the app id of the official
account, or the id of the company.
"""

from hashlib import blake2b
from typing import Any

import orjson

from identity_graph.domain.collecting.segment.fields import (
    OddFields,
    Rejection,
    RejectionCode,
    UnreadableError,
    drop_absent,
    read_id,
    read_name,
)
from identity_graph.domain.collecting.segment.messages import MAX_MESSAGE_BYTES, measure
from identity_graph.domain.collecting.segment.time import read_timestamp
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Channel, Instant, Message

CHANGED_BY_A_RETRY: frozenset[str] = frozenset()
"""Fields that differ when the same message is pushed again."""

_OF_ACCOUNTS = {
    "subscribe": "Account Followed",
    "unsubscribe": "Account Unfollowed",
    "scan": "QR Code Scanned",
    "click": "Menu Clicked",
    "view": "Menu Link Opened",
    "view_miniprogram": "Menu Mini Program Opened",
    "location": "Location Reported",
}
_OF_CONTACTS = {
    "add_external_contact": "External Contact Added",
    "add_half_external_contact": "External Contact Half Added",
    "edit_external_contact": "External Contact Edited",
    "del_external_contact": "External Contact Removed",
    "del_follow_user": "External Contact Left",
    "transfer_fail": "External Contact Transfer Failed",
}
_MESSAGE = "Message Received"
_UNION = ("UnionID", "UnionId", "unionid")
_IDENTITIES = frozenset({"FromUserName", "ExternalUserID", *_UNION})
_NAMED = ("FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "ChangeType", "UserID", "ExternalUserID")
_SCENE_OF_A_FOLLOW = "qrscene_"


def extract_account_message(message: object, *, source: str, received_at: Instant) -> Message | Rejection:
    """Take a message to an official account apart, or say why that cannot be done."""
    try:
        return _extract(message, source, received_at, Channel.WECHAT_OFFICIAL_ACCOUNT)
    except UnreadableError as error:
        return error.rejection


def extract_company_message(message: object, *, source: str, received_at: Instant) -> Message | Rejection:
    """Take a message to a company in WeCom apart, or say why that cannot be done."""
    try:
        return _extract(message, source, received_at, Channel.WECOM)
    except UnreadableError as error:
        return error.rejection


def _extract(message: object, source: str, received_at: Instant, channel: Channel) -> Message:
    if type(message) is not dict:
        raise UnreadableError(RejectionCode.NOT_AN_OBJECT, "a message must be an object: XML or JSON")
    size = measure(message)
    if size > MAX_MESSAGE_BYTES:
        raise UnreadableError(
            RejectionCode.MESSAGE_TOO_LARGE, f"a message may have {MAX_MESSAGE_BYTES} bytes, this one has {size}"
        )
    odd = OddFields()
    kind = read_name(message.get("MsgType"), "MsgType", odd)
    if not kind:
        raise UnreadableError(RejectionCode.UNKNOWN_TYPE, "MsgType must say what the message is, such as event or text")
    of_company = channel is Channel.WECOM
    identifiers = _read_identifiers(message, of_company=of_company, odd=odd)
    return Message(
        source=source,
        message_id=_read_message_id(message, kind, odd),
        type="track",
        name=_read_name(message, kind, odd) if kind == "event" else _MESSAGE,
        occurred_at=_read_time(message, received_at),
        received_at=received_at,
        channel=channel,
        identifiers=identifiers,
        properties=_read_properties(message),
        context={"channel": channel.value},
        unreadable=tuple(dict.fromkeys(field.as_ignored() for field in odd)),
    )


def _read_identifiers(message: dict[str, Any], *, of_company: bool, odd: OddFields) -> tuple[RawIdentifier, ...]:
    found: dict[RawIdentifier, None] = {}
    app_id = read_id(message.get("appId"), "appId", odd)
    own = read_id(message.get("ExternalUserID" if of_company else "FromUserName"), "FromUserName", odd)
    if own:
        found[RawIdentifier("wecom_id", own) if of_company else RawIdentifier("openid", f"{app_id}/{own}")] = None
    for field in _UNION:
        union = read_id(message.get(field), field, odd)
        if union:
            found[RawIdentifier("unionid", union)] = None
    if not found:
        who = "an ExternalUserID: it is about the company's own staff" if of_company else "a FromUserName"
        raise UnreadableError(RejectionCode.NO_IDENTIFIER, f"the message names no person; it needs {who}")
    return tuple(found)


def _read_name(message: dict[str, Any], kind: str, odd: OddFields) -> str:
    change = read_name(message.get("ChangeType"), "ChangeType", odd)
    event = read_name(message.get("Event"), "Event", odd)
    return _OF_CONTACTS.get(change) or _OF_ACCOUNTS.get(event.lower()) or change or event or kind


def _read_message_id(message: dict[str, Any], kind: str, odd: OddFields) -> str:
    """Read the id of a message. An event has none: who and when tell it from others, as WeChat's manual says."""
    own = read_id(message.get("MsgId"), "MsgId", odd) if kind != "event" else ""
    if own:
        return own
    said = [message.get(name) for name in _NAMED]
    return "wechat-" + blake2b(orjson.dumps(said), digest_size=16).hexdigest()


def _read_time(message: dict[str, Any], received_at: Instant) -> Instant:
    """Read the time in seconds; it is WeChat's own, so no clock needs correction."""
    value = message.get("CreateTime")
    if value is None or value == "":
        return received_at
    digits = str(value)
    in_seconds = type(value) in (int, str) and digits.isascii() and digits.isdigit()
    return min(read_timestamp(int(digits) * 1000 if in_seconds else value, "CreateTime"), received_at)


def _read_properties(message: dict[str, Any]) -> dict[str, Any]:
    """Keep all that came but the ids of the person, and name the scene of a code that was scanned or led to a contact."""
    properties = drop_absent({name: value for name, value in message.items() if name not in _IDENTITIES})
    event = message.get("Event")
    scene = message.get("State")
    if type(event) is str and event.lower() in ("subscribe", "scan"):
        scene = message.get("EventKey")
    if type(scene) is int:
        scene = str(scene)
    if type(scene) is str and scene:
        properties["scene"] = scene.removeprefix(_SCENE_OF_A_FOLLOW)
    return properties
