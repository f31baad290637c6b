"""New ids: opaque, stable, with a prefix that says what they name."""

from uuid import uuid4


def new_id(prefix: str) -> str:
    """Make an id such as ``cus_3f2b…``: the prefix and 122 random bits in hex."""
    return f"{prefix}_{uuid4().hex}"
