"""Entries of a spool: what one request brought, as it is written to the disk and read again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.domain.collecting.received import Received
from identity_graph.domain.values.json_reader import JsonError, read_json, write_json
from identity_graph.domain.values.observations import Instant

OVERHEAD = 200
"""About how many bytes an entry takes beside its messages."""


class UnreadableEntryError(Exception):
    """An entry is not what was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one request brought, as text: ``body`` is the JSON of its messages, ``sent_at`` JSON, too.

    ``sequence`` is its place in its file, 0 before it has one.
    """

    source: str
    protocol: str
    received_at: Instant
    default_type: str | None
    sent_at: str | None
    count: int
    body: bytes
    sequence: int = 0

    @property
    def size(self) -> int:
        """About how many bytes it takes on the disk."""
        return len(self.body) + len(self.sent_at or "") + OVERHEAD

    def digest(self) -> bytes:
        """Hash all that it says, so that a disk that changed it is noticed."""
        said = (self.source, self.protocol, str(self.received_at), self.default_type, self.sent_at, str(self.count))
        head = "\0".join("" if part is None else part for part in said)
        return blake2b(head.encode("utf-8", "surrogatepass") + b"\0" + self.body, digest_size=16).digest()

    def read(self) -> Received:
        """Read what the request brought.

        Raises:
            UnreadableEntryError: this is not what was written.
        """
        try:
            messages: Any = read_json(self.body)
            return Received(
                messages=list(messages),
                source=self.source,
                received_at=self.received_at,
                sent_at=None if self.sent_at is None else read_json(self.sent_at.encode()),
                default_type=self.default_type,
                protocol=Protocol(self.protocol),
            )
        except (JsonError, ValueError, TypeError) as error:
            raise UnreadableEntryError(type(error).__name__) from error

    def without(self, numbers: Iterable[int]) -> "Entry | None":
        """Leave out messages by their places; None when no message is left."""
        left_out = set(numbers)
        messages = [message for number, message in enumerate(self.read().messages) if number not in left_out]
        return replace(self, count=len(messages), body=_write(messages)) if messages else None


def write_entry(received: Received) -> Entry:
    """Write down what a request brought."""
    return Entry(
        source=received.source,
        protocol=received.protocol.value,
        received_at=received.received_at,
        default_type=received.default_type,
        sent_at=None if received.sent_at is None else write_json(received.sent_at),
        count=len(received.messages),
        body=_write(list(received.messages)),
    )


def _write(messages: list[object]) -> bytes:
    return write_json(messages).encode()
