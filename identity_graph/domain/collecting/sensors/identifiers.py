"""The identifiers of a Sensors message: what its ``identities`` mean, or its ids in the style of before."""

import re
from typing import Any

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

LOGIN_MARK = "$is_login_id"
"""The property that says that ``distinct_id`` is an account; it says nothing about the person."""

_PREFIX = "$identity_"
_LONGEST_NAMESPACE = 64
_CONTACTS = frozenset({"phone", "email"})

_NAMESPACES = {
    "login_id": "user_id",
    "anonymous_id": "anonymous_id",
    "cookie_id": "anonymous_id",
    "mp_id": "anonymous_id",
    "mp_unionid": "unionid",
    "mobile": "phone",
    "email": "email",
    "android_id": "device_id",
    "android_uuid": "device_id",
    "idfv": "device_id",
    "ios_uuid": "device_id",
    "mac_serial_id": "device_id",
    "mac_uuid": "device_id",
    "idfa": "ad_id",
    "oaid": "ad_id",
    "gaid": "ad_id",
}
"""What the SDKs call an identity, without ``$identity_``, and its namespace. Any other name is its own namespace."""

_OPENID = re.compile(r"mp_(.+)_openid")
_OPENID_WITHOUT_APP = "mp_openid"


def read_raw_identifiers(
    message: dict[str, Any], kind: str, properties: dict[str, Any], odd: OddFields
) -> tuple[RawIdentifier, ...]:
    """Collect the distinct identifiers of a message in the order of its fields, 1 to 20 of them.

    ``identities`` say all of them. Only without any are ``login_id``, ``anonymous_id``, ``distinct_id`` and
    ``original_id`` looked at, as older SDKs send them: a ``distinct_id`` is an account if the message says so
    (``$is_login_id``, ``track_signup``), else anonymous. One that is an account counts as anonymous, too: the same SDKs send
    it without a word of what it is in other messages. Beside ``identities`` it repeats one of them, or is ``name+value``.

    Raises:
        UnreadableError: there are none or too many identifiers, or an id is a number that may stand for several.
    """
    found: dict[RawIdentifier, None] = {}
    for name, value in read_object(message, "identities", odd).items():
        _read_identity(name, value, properties, found, odd)
    if not found and kind != "track_id_unbind":
        _read_ids(message, kind, properties, found, odd)
    if not found:
        if odd:
            raise UnreadableError(RejectionCode.INVALID_FIELD, f"no identifier is left: {odd[0].reason}")
        what = "the id to unbind in identities" if kind == "track_id_unbind" else "identities, or a distinct_id"
        raise UnreadableError(RejectionCode.NO_IDENTIFIER, f"a message of type {kind} needs {what}")
    if len(found) > MAX_IDENTIFIERS:
        raise UnreadableError(
            RejectionCode.TOO_MANY_IDENTIFIERS,
            f"a message may hold {MAX_IDENTIFIERS} identifiers, this one has {len(found)}: send several messages",
        )
    return tuple(found)


def _read_identity(
    name: str, value: object, properties: dict[str, Any], found: dict[RawIdentifier, None], odd: OddFields
) -> None:
    own = name.removeprefix(_PREFIX)
    namespace = _NAMESPACES.get(own, own)
    read = read_contact if namespace in _CONTACTS else read_id
    text = read(value, "identities", odd)
    if not text:
        return
    app = _OPENID.fullmatch(own)
    if app is not None:
        found[RawIdentifier("openid", f"{app[1]}/{text}")] = None
    elif own == _OPENID_WITHOUT_APP:
        app_id = properties.get("$app_id")
        found[RawIdentifier("openid", f"{app_id}/{text}" if type(app_id) is str and app_id else text)] = None
    elif not 0 < len(namespace) <= _LONGEST_NAMESPACE:
        odd.add("identities", name, f"must have names of 1 to {_LONGEST_NAMESPACE} characters")
    else:
        found[RawIdentifier(namespace, text)] = None


def _read_ids(
    message: dict[str, Any],
    kind: str,
    properties: dict[str, Any],
    found: dict[RawIdentifier, None],
    odd: OddFields,
) -> None:
    login = read_id(message.get("login_id"), "login_id", odd)
    distinct = read_id(message.get("distinct_id"), "distinct_id", odd)
    is_account = kind == "track_signup" or properties.get(LOGIN_MARK) is True or (distinct and distinct == login)
    ids = [("user_id", login), ("user_id", distinct if is_account else ""), ("anonymous_id", distinct)]
    ids += [("anonymous_id", read_id(message.get(field), field, odd)) for field in ("anonymous_id", "original_id")]
    found.update({RawIdentifier(namespace, text): None for namespace, text in ids if text})
