"""The chain: the hash of an entry covers the entry and the hash before it, so all hashes after a change are others."""

from collections.abc import Iterable
from hashlib import sha256

import orjson

from identity_graph.domain.audit.entries import AuditEntry, SealedEntry

GENESIS = "0" * 64
"""The root of an empty log."""


def canonical_bytes(number: int, entry: AuditEntry) -> bytes:
    """Write an entry as the bytes that are hashed: JSON with sorted keys and without spaces.

    Every field is in it, empty ones too, so that two different entries never have the same bytes.
    """
    return orjson.dumps(
        {
            "number": number,
            "id": entry.id,
            "at": entry.at,
            "who": {
                "name": entry.who.name,
                "kind": entry.who.kind,
                "keyId": entry.who.key_id,
                "address": entry.who.address,
            },
            "action": str(entry.action),
            "operation": entry.operation,
            "objects": list(entry.objects),
            "counts": dict(entry.counts),
            "outcome": str(entry.outcome),
            "reason": entry.reason,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def link(before: str, number: int, entry: AuditEntry) -> str:
    """Give the hash of an entry that follows the hash ``before``: SHA-256, in hex."""
    return sha256(bytes.fromhex(before) + canonical_bytes(number, entry)).hexdigest()


def seal(entries: Iterable[AuditEntry], *, count: int, root: str) -> list[SealedEntry]:
    """Give entries their numbers and hashes behind a log of ``count`` entries, whose last hash is ``root``."""
    sealed: list[SealedEntry] = []
    for number, entry in enumerate(entries, count + 1):
        root = link(root, number, entry)
        sealed.append(SealedEntry(number, entry, root))
    return sealed
