"""Objects with an id, and the form of these ids."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import strawberry

from api.graphql.base.scalars import Id

IDENTIFIER = "idn"
CUSTOMER = "cus"
TOUCHPOINT = "evt"
SESSION = "ses"
DEAD_LETTER = "dlq"
CHANGE = "chg"
ORDER = "ord"
RFM_CUT = "rfm"
DESTINATION = "dst"
ERASURE_RECEIPT = "rcp"
PRIVACY_REQUEST = "prq"
ALERT_RULE = "alr"
ALERT = "alt"
EXPERIMENT = "exp"
SEGMENT = "seg"
ACCESS_KEY = "key"


@strawberry.interface(description="An object that can be read by its id.")
class Node:
    """An object with an id."""

    id: Id = strawberry.field(description="Opaque and stable.")


def identifier_id(key: str) -> Id:
    """Make the id of an identifier: it holds the key."""
    return Id(f"{IDENTIFIER}_{urlsafe_b64encode(key.encode()).decode().rstrip('=')}")


def find_identifier_key(id: str) -> str | None:
    """Read the key out of an identifier's id; None when the id is malformed."""
    text = id.removeprefix(f"{IDENTIFIER}_")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
