"""The identifiers of a message, as they came: which field means which namespace."""

from typing import Any

from identity_graph.domain.identifiers import RawIdentifier
from identity_graph.domain.observations import MAX_IDENTIFIERS
from identity_graph.domain.segment_fields import RejectionCode, UnreadableError, read_id, read_object, wrong_type

_LONGEST_NAMESPACE = 64


def read_raw_identifiers(
    message: dict[str, Any], kind: str, context: dict[str, Any], *bags: tuple[str, dict[str, Any]]
) -> tuple[RawIdentifier, ...]:
    """Collect the distinct identifiers of a message in the order of its fields, 1 to 20 of them.

    ``bags`` are the objects, each with its path, that may hold an ``email`` and a ``phone``. ``previousId`` of an
    ``alias`` is read as an anonymous id, whatever it was: only a judgement joins two accounts. ``groupId`` names a
    company, so it is no identifier of a person.

    Raises:
        UnreadableError: a field is of a wrong type, or there are none or too many identifiers.
    """
    found: dict[RawIdentifier, None] = {}
    get = message.get
    for field, namespace in (("userId", "user_id"), ("anonymousId", "anonymous_id")):
        value = get(field)
        if value is not None and value != "":
            found[RawIdentifier(namespace, read_id(value, field))] = None
    if kind == "alias":
        previous = read_id(get("previousId"), "previousId")
        if previous:
            found[RawIdentifier("anonymous_id", previous)] = None
    for path, bag in bags:
        if bag:
            for field in ("email", "phone"):
                value = bag.get(field)
                if value is not None and value != "":
                    found[RawIdentifier(field, read_id(value, f"{path}.{field}"))] = None
    if "device" in context:
        _read_device(read_object(context, "device", "context."), found)
    if "externalIds" in context:
        _read_external_ids(context["externalIds"], found)
    if not found:
        raise UnreadableError(
            RejectionCode.NO_IDENTIFIER,
            "a message needs a userId, an anonymousId, an email, a phone, a device id or one of context.externalIds",
        )
    if len(found) > MAX_IDENTIFIERS:
        raise UnreadableError(
            RejectionCode.TOO_MANY_IDENTIFIERS,
            f"a message may hold {MAX_IDENTIFIERS} identifiers, this one has {len(found)}: send several messages",
        )
    return tuple(found)


def _read_device(device: dict[str, Any], found: dict[RawIdentifier, None]) -> None:
    device_id = read_id(device.get("id"), "context.device.id")
    if device_id:
        found[RawIdentifier("device_id", device_id)] = None
    if device.get("adTrackingEnabled") is True:
        ad_id = read_id(device.get("advertisingId"), "context.device.advertisingId")
        if ad_id:
            found[RawIdentifier("ad_id", ad_id)] = None


def _read_external_ids(entries: object, found: dict[RawIdentifier, None]) -> None:
    """Read ``[{id, type, collection, encoding}]``; other collections than ``users`` hold no people."""
    if entries is None or entries == "":
        return
    if not isinstance(entries, list):
        raise wrong_type("context.externalIds", "an array of objects")
    for index, entry in enumerate(entries):
        path = f"context.externalIds[{index}]"
        if type(entry) is not dict:
            raise wrong_type(path, "an object with id and type")
        value = read_id(entry.get("id"), f"{path}.id")
        if not value or (entry.get("collection") or "users") != "users":
            continue
        namespace = entry.get("type")
        if type(namespace) is not str or not namespace or len(namespace) > _LONGEST_NAMESPACE:
            raise wrong_type(f"{path}.type", f"a namespace of at most {_LONGEST_NAMESPACE} characters")
        if (entry.get("encoding") or "none") != "none":
            raise UnreadableError(RejectionCode.INVALID_FIELD, f'{path}.encoding must be "none": send the value itself')
        found[RawIdentifier(namespace, value)] = None
