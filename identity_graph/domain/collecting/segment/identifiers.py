"""The identifiers of a message, as they came: which field means which namespace."""

from collections.abc import Iterator
from typing import Any, cast

from identity_graph.domain.collecting.segment.fields import (
    OddFields,
    RejectionCode,
    UnreadableError,
    read_contact,
    read_id,
    read_object,
)
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import MAX_IDENTIFIERS

_LONGEST_NAMESPACE = 64
_CONTACTS = ("email", "phone")

IDENTIFIER_PLACES = frozenset(
    {
        *((*bag, name) for bag in (("traits",), ("properties",), ("context", "traits")) for name in _CONTACTS),
        *(("context", "device", name) for name in ("id", "advertisingId")),
        *(("context", name, "id") for name in ("externalIds", "externalId")),
    }
)
"""Where an identifier may stand inside the objects of a message; arrays on the way do not count."""


def read_raw_identifiers(
    message: dict[str, Any], kind: str, context: dict[str, Any], odd: OddFields, *bags: tuple[str, dict[str, Any]]
) -> tuple[RawIdentifier, ...]:
    """Collect the distinct identifiers of a message in the order of its fields, 1 to 20 of them.

    What cannot be one is added to ``odd``, and the others stand.
    ``bags`` are the objects, each with its path, that may hold an ``email`` and a ``phone``. ``previousId`` of an
    ``alias`` is read as an anonymous id, whatever it was: only a judgement joins two accounts. ``groupId`` names a
    company, so it is no identifier of a person.

    Raises:
        UnreadableError: there are none or too many identifiers, or an id is a number that may stand for several.
    """
    found: dict[RawIdentifier, None] = {}
    get = message.get
    for field, namespace in (("userId", "user_id"), ("anonymousId", "anonymous_id")):
        value = get(field)
        if value is not None and value != "":
            _take(found, namespace, value, field, odd)
    if kind == "alias":
        _take(found, "anonymous_id", get("previousId"), "previousId", odd)
    for path, bag in bags:
        if bag:
            for field in _CONTACTS:
                value = bag.get(field)
                if value is not None and value != "":
                    text = read_contact(value, f"{path}.{field}", odd)
                    if text:
                        found[RawIdentifier(field, text)] = None
    if "device" in context:
        _read_device(read_object(context, "device", odd, "context."), found, odd)
    for field in ("externalIds", "externalId"):
        if field in context:
            _read_external_ids(context[field], f"context.{field}", found, odd)
    if not found:
        raise _no_identifier(odd)
    if len(found) > MAX_IDENTIFIERS:
        raise UnreadableError(
            RejectionCode.TOO_MANY_IDENTIFIERS,
            f"a message may hold {MAX_IDENTIFIERS} identifiers, this one has {len(found)}: send several messages",
        )
    return tuple(found)


def find_ids(context: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Give what a context holds in the places of ids, with its paths."""
    device = context.get("device")
    if type(device) is dict:
        yield "context.device.id", device.get("id")
        if device.get("adTrackingEnabled") is True:
            yield "context.device.advertisingId", device.get("advertisingId")
    for field in ("externalIds", "externalId"):
        entries = context.get(field)
        for entry in cast("list[Any]", entries) if isinstance(entries, list) else [entries]:
            if type(entry) is dict and _names_user(entry):
                yield f"context.{field}.id", entry.get("id")


def _take(found: dict[RawIdentifier, None], namespace: str, value: object, path: str, odd: OddFields) -> None:
    text = read_id(value, path, odd)
    if text:
        found[RawIdentifier(namespace, text)] = None


def _no_identifier(odd: OddFields) -> UnreadableError:
    """Say that none is left; if one was there that could not be read, how to send it."""
    if odd:
        return UnreadableError(RejectionCode.INVALID_FIELD, f"no identifier is left: {odd[0].reason}")
    return UnreadableError(
        RejectionCode.NO_IDENTIFIER,
        "a message needs a userId, an anonymousId, an email, a phone, a device id or one of context.externalIds",
    )


def _read_device(device: dict[str, Any], found: dict[RawIdentifier, None], odd: OddFields) -> None:
    _take(found, "device_id", device.get("id"), "context.device.id", odd)
    allowed = device.get("adTrackingEnabled")
    if allowed is not None and allowed != "" and type(allowed) is not bool:
        odd.add("context.device.adTrackingEnabled", allowed, "must be true or false")
    if allowed is True:
        _take(found, "ad_id", device.get("advertisingId"), "context.device.advertisingId", odd)


def _names_user(entry: dict[str, Any]) -> bool:
    collection = entry.get("collection") or "users"
    return type(collection) is not str or collection == "users"


def _read_external_ids(entries: object, path: str, found: dict[RawIdentifier, None], odd: OddFields) -> None:
    """Read ``[{id, type, collection, encoding}]``, or one of these; other collections than ``users`` hold no people.

    Segment's SDKs call the field ``externalIds``, rudder's ``externalId``.
    """
    if entries is None or entries == "":
        return
    for entry in entries if isinstance(entries, list) else [entries]:
        if type(entry) is not dict:
            odd.add(path, entry, "must be an array of objects with id and type")
            continue
        if not _names_user(entry):
            continue
        collection, encoding = entry.get("collection") or "users", entry.get("encoding") or "none"
        if type(collection) is not str:
            odd.add(f"{path}.collection", collection, 'must be a string, such as "users"')
        value = read_id(entry.get("id"), f"{path}.id", odd)
        if not value:
            continue
        namespace = entry.get("type")
        if type(namespace) is not str or not namespace or len(namespace) > _LONGEST_NAMESPACE:
            odd.add(f"{path}.type", namespace, f"must be a namespace of at most {_LONGEST_NAMESPACE} characters")
        elif encoding != "none":
            odd.add(f"{path}.encoding", encoding, 'must be "none": send the value itself')
        else:
            found[RawIdentifier(namespace, value)] = None
