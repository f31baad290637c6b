"""What the operator of the service looks at: rules, dead letters, counters."""

import strawberry

from api.graphql.base.connections import Connection, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id, json_text
from identity_graph.domain.collecting.read_models import DeadLetterView
from identity_graph.domain.values.json_reader import JsonError, read_strict_json
from identity_graph.service.collecting.reading import count_dead_letters, read_dead_letter_list, read_ingest_totals


@strawberry.type(description="A message that could not be accepted, kept as it came.")
class DeadLetter(Node):
    """A dead letter."""

    code: str
    reason: str
    received_at: DateTime
    source: str
    raw: str
    attempts: int = strawberry.field(description="How often it was retried.")
    last_error: str | None

    @strawberry.field(description="The message; null if it is not JSON.")
    def payload(self) -> JSON | None:
        """Pass the message on as it is, so that no digit of it is lost."""
        try:
            read_strict_json(self.raw.encode("utf-8", "surrogatepass"))
        except JsonError:
            return None
        return json_text(self.raw, "null")


DeadLetterConnection = Connection[DeadLetter]


@strawberry.type(description="How many values of a namespace were not identifiers, or linked nothing, and why.")
class IgnoredCount:
    """A count of ignored values."""

    namespace: str
    code: str
    count: int


@strawberry.type(description="How many messages were accepted, repeated and dead-lettered since the graph began.")
class IngestStats:
    """Totals over all writing processes."""

    accepted: int
    duplicates: int
    dead_lettered: int
    ignored: list[IgnoredCount]


async def read_ingest_stats(info: Info) -> IngestStats:
    """Read what all writers have counted."""
    totals = await read_ingest_totals(info.context.loaders.reads, info.context.service.rules)
    return IngestStats(
        accepted=totals.accepted,
        duplicates=totals.duplicates,
        dead_lettered=totals.dead_lettered,
        ignored=[
            IgnoredCount(namespace=namespace, code=code, count=count)
            for (namespace, code), count in sorted(totals.ignored.items())
        ],
    )


async def dead_letter_page(info: Info, first: int | None, after: str | None) -> DeadLetterConnection:
    """Read a page of the dead letters."""
    reads = info.context.loaders.reads
    page = await read_dead_letter_list(reads, first=check_first(first), after=decode_moment("dead letters", after))
    edges, page_info = edges_of(
        page, dead_letter_of, lambda row: encode_moment("dead letters", row.received_at, row.id)
    )
    return DeadLetterConnection(edges=edges, page_info=page_info, count=lambda: count_dead_letters(reads))


def dead_letter_of(row: DeadLetterView) -> DeadLetter:
    """Make a dead letter of a row."""
    return DeadLetter(
        id=Id(row.id),
        code=row.code,
        reason=row.reason,
        received_at=DateTime(row.received_at),
        source=row.source,
        raw=row.raw,
        attempts=row.attempts,
        last_error=row.last_error,
    )
