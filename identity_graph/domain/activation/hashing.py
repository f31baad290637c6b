"""E-mail addresses and phone numbers as ad platforms want them: normalised by the rules of each, then hashed with SHA-256.

What goes in is what identifiers hold: an address without blanks around it, a number in E.164. A platform finds nobody by a
hash that was made by the rules of another one, so each rule set is a function of its own.
"""

import base64
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple


class Platform(StrEnum):
    """Whose rules."""

    GOOGLE = "google"
    META = "meta"
    UID2 = "uid2"


class Rules(NamedTuple):
    """How a platform normalises, and how it writes a hash."""

    email: Callable[[str], str]
    phone: Callable[[str], str]
    write: Callable[[bytes], str]


def normalize_email_for_google(address: str) -> str:
    """Write it in lower case without blanks; for Gmail without dots in front of the @.

    Source: Google, Data Manager API, "Format user data".
    """
    address = "".join(address.split()).lower()
    name, at, domain = address.rpartition("@")
    return name.replace(".", "") + at + domain if domain in ("gmail.com", "googlemail.com") else address


def normalize_email_for_meta(address: str) -> str:
    """Write it in lower case without blanks around it.

    Source: Meta, Conversions API, "Customer information parameters".
    """
    return address.strip().lower()


def normalize_email_for_uid2(address: str) -> str:
    """Write it in lower case without blanks around it; for gmail.com without dots and without what follows a plus sign.

    Source: UID2, "Normalization and encoding".
    """
    address = address.strip().lower()
    name, at, domain = address.rpartition("@")
    return name.partition("+")[0].replace(".", "") + at + domain if domain == "gmail.com" else address


def normalize_phone_as_e164(number: str) -> str:
    """Write a plus sign and the digits, as Google and UID2 want it."""
    return f"+{_digits(number)}"


def normalize_phone_for_meta(number: str) -> str:
    """Write the digits alone, with the country code and without leading zeros."""
    return _digits(number).lstrip("0")


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign in "0123456789")


RULES = {
    Platform.GOOGLE: Rules(normalize_email_for_google, normalize_phone_as_e164, bytes.hex),
    Platform.META: Rules(normalize_email_for_meta, normalize_phone_for_meta, bytes.hex),
    Platform.UID2: Rules(
        normalize_email_for_uid2, normalize_phone_as_e164, lambda digest: base64.b64encode(digest).decode()
    ),
}


def hash_address(platform: Platform, namespace: str, value: str) -> str | None:
    """Hash an e-mail address or a phone number; None for another kind of identifier, which no platform asks for."""
    rules = RULES[platform]
    normalize = {"email": rules.email, "phone": rules.phone}.get(namespace)
    return None if normalize is None else rules.write(sha256(normalize(value).encode()).digest())
