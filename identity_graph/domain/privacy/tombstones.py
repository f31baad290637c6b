"""Tombstones: what is kept of an erased value, so that replays and late messages do not bring the person back.

A tombstone is a keyed hash. Without the salt of the graph nobody can try values out.
"""

import hmac
from collections.abc import Iterable

from identity_graph.domain.consent.statements import PURPOSE, ConsentState, read_statements
from identity_graph.domain.values.observations import Event, Instant


def bury_identifier(salt: str, key: str) -> str:
    """Give the tombstone of an identifier, by its key."""
    return _hash(salt, f"identifier\0{key}")


def bury_event(salt: str, id: str) -> str:
    """Give the tombstone of an event, by its id."""
    return _hash(salt, f"event\0{id}")


def list_tombstones(salt: str, event: Event) -> list[str]:
    """List the tombstones that an event must not have: its own, and those of all values in it, also of what its source only claims."""
    keys = {identifier.key for identifier in event.identifiers}
    keys.update(f"{ignored.namespace}:{ignored.value}" for ignored in event.ignored)
    keys.update(raw.text for raw in event.raw_identifiers)
    return [bury_event(salt, event.id), *(bury_identifier(salt, key) for key in sorted(keys))]


def find_lifted(salt: str, event: Event, erased_at: dict[str, Instant]) -> list[str]:
    """List the tombstones that an event lifts: those of its identifiers, if somebody gives a new consent for a purpose in it.

    ``erased_at`` are the tombstones that exist, with their times. What a browser repeats of an earlier consent lifts nothing,
    nor does an event that happened before the erasure, or that was erased itself, nor what a source only claims.
    """
    if bury_event(salt, event.id) in erased_at or not _gives_consent(event):
        return []
    own = [one for identifier in event.identifiers if (one := bury_identifier(salt, identifier.key)) in erased_at]
    return own if all(erased_at[one] < event.occurred_at for one in own) else []


def find_erased(salt: str, events: Iterable[Event], erased_at: dict[str, Instant]) -> set[str]:
    """Name the events that must not be stored, since they or a value in them were erased."""
    return {event.id for event in events if any(one in erased_at for one in list_tombstones(salt, event))}


def _gives_consent(event: Event) -> bool:
    return any(
        one.state is ConsentState.GRANTED and one.subject.startswith(PURPOSE) and not one.of_visitor
        for one in read_statements(event.consents)
    )


def _hash(salt: str, text: str) -> str:
    return hmac.digest(salt.encode(), text.encode("utf-8", "surrogatepass"), "sha256").hex()
