"""Counts per source and day: rows that are added in the transaction of the commit, so they are as exact as the events.

Adding needs no knowledge of what is stored: when the answer to a commit is lost, both it and its counts are stored, or none.
"""

from identity_graph.domain.collecting.source_counts import ClaimCounts, KnownNames, MessageCounts
from identity_graph.store.collecting import source_counts as store
from identity_graph.store.collecting.source_counts import AddedClaims, AddedMessages
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Call, WriteTransaction
from identity_graph.store.driver.rows import to_json


class SourceCounts:
    """What one process adds to the counts."""

    def __init__(self, writer: str) -> None:
        self._writer = writer
        self._names = KnownNames()

    def calls(self, messages: MessageCounts, claims: ClaimCounts) -> tuple[Call[WriteTransaction, None], ...]:
        """Give the queries that add what a unit of work took in."""
        return (
            store.add_message_counts.call(rows=self._message_rows(messages)),
            store.add_claim_counts.call(rows=self._claim_rows(claims)),
        )

    def _message_rows(self, counts: MessageCounts) -> list[AddedMessages]:
        return [
            {
                "key": to_json([self._writer, *key]),
                "writer": self._writer,
                "day": key.day,
                "source": key.source,
                "type": key.type,
                "name": key.name,
                "accepted": tally.accepted,
                "repeated": tally.repeated,
            }
            for key, tally in self._names.fold_messages(counts).items()
        ]

    def _claim_rows(self, counts: ClaimCounts) -> list[AddedClaims]:
        return [
            {
                "key": to_json([self._writer, *key]),
                "writer": self._writer,
                "day": key.day,
                "source": key.source,
                "name": key.name,
                "claims": tally.claims,
                "deletions": tally.deletions,
                "misfits": tally.misfits,
                "unsuited": tally.unsuited,
                "too_large": tally.too_large,
                "newest_s": seconds(tally.newest),
                "newest_ns": nanoseconds(tally.newest),
                "misfit": tally.misfit,
            }
            for key, tally in self._names.fold_claims(counts).items()
        ]
