"""Removing from the spool what belongs to somebody, before anything more is delivered."""

from collections.abc import Collection
from functools import partial
from typing import Any

from identity_graph.domain.collecting.protocols import read_message
from identity_graph.domain.collecting.received import Received
from identity_graph.domain.collecting.segment.messages import Rejection, to_event
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.core import Service
from identity_graph.spool import Entry, UnreadableEntryError


async def remove_from_spool(service: Service, keys: Collection[str]) -> int:
    """Remove each message in which one of some identifiers (``namespace:value``) is seen; return how many entries changed.

    Messages that cannot be read are removed when they quote one of the values. What was there before is overwritten. What arrives
    from now on is not looked at. Files that other running processes hold are theirs to look through.

    Raises:
        SpoolUnusableError: the disk does not let us.
    """
    spool = service.spool
    if spool is None or not keys:
        return 0
    async with spool.turn:
        return await spool.rewrite(partial(_without, keys=frozenset(keys), rules=service.rules))


def _without(entry: Entry, *, keys: frozenset[str], rules: RuleSet) -> Entry | None:
    values = frozenset(key.partition(":")[2] for key in keys)
    try:
        received = entry.read()
    except UnreadableEntryError:
        return None if any(value.encode() in entry.body for value in values) else entry
    found = [number for number, one in enumerate(received.messages) if _tells_of(received, one, keys, values, rules)]
    return entry.without(found) if found else entry


def _tells_of(
    received: Received, message: object, keys: frozenset[str], values: frozenset[str], rules: RuleSet
) -> bool:
    read = read_message(
        received.protocol,
        message,
        source=received.source,
        received_at=received.received_at,
        sent_at=received.sent_at,
        default_type=received.default_type,
    )
    if not isinstance(read, Rejection):
        return any(identifier.key in keys for identifier in to_event(read, rules).identifiers)
    return _quotes(message, values)


def _quotes(value: Any, values: frozenset[str]) -> bool:
    """Tell whether a value holds one of some texts."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif one is not None and any(text in str(one) for text in values):
            return True
    return False
