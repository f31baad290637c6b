"""How the log names what was touched: by ids that mean nothing outside, or by keyed hashes."""

import hmac
import re

_PREFIXES = "cus|evt|ses|dlq|chg|ord|rfm|dst|alr|alt|exp|seg|jdg|key|prq|rcp"
_ID = re.compile(rf"({_PREFIXES})_[0-9a-f]{{32}}|rfm_\d{{1,9}}")

HASHED = "hash_"
"""How keyed hashes begin."""


def hash_text(key: bytes, text: str) -> str:
    """Hash a personal value: the same value gives the same hash, and without the key nobody can try values out."""
    return HASHED + hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def name_identifier(key: bytes, namespace: str, value: str) -> str:
    """Name an identifier."""
    return hash_text(key, f"{namespace}:{value}")


def name_object(key: bytes, id: str) -> str:
    """Name an object by its id. Whatever does not look like an id that this service made may be a personal value: it is hashed."""
    return id if _ID.fullmatch(id) else hash_text(key, id)
