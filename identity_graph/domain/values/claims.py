"""How an event's traits are meant: each is a claim about the person, and the type of the event says of which kind."""

from enum import StrEnum


class ClaimKind(StrEnum):
    """What a claim does. A ``SET`` of null says that the trait is deleted at that time."""

    SET = "set"
    SET_ONCE = "set_once"
    """Counts only if nothing was said before it, or all that was said is deleted."""
    INCREMENT = "increment"
    """Adds a number."""
    APPEND = "append"
    """Adds the members of a list to a set."""


_KINDS = {
    "profile_set_once": ClaimKind.SET_ONCE,
    "profile_increment": ClaimKind.INCREMENT,
    "profile_append": ClaimKind.APPEND,
}


def claim_kind(event_type: str) -> ClaimKind:
    """Tell of which kind the claims of an event are, by its type."""
    return _KINDS.get(event_type, ClaimKind.SET)
