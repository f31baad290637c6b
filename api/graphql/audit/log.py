"""``auditLog``: the audit log as a list."""

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Edge, First, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor
from api.graphql.base.scalars import JSON, DateTime, Id
from identity_graph.domain.audit.entries import Action, Outcome, SealedEntry
from identity_graph.service.audit.reading import read_log
from identity_graph.service.positions import ABOVE_ALL

_LIST = "audit"

strawberry.enum(Action, name="AuditAction", description="What somebody did.")
strawberry.enum(Outcome, name="AuditOutcome", description="How it ended.")


@strawberry.type(description="Who did something.")
class AuditActor:
    """Who did something, and from where."""

    name: str = strawberry.field(
        description="The name of the key, the subject of the token, or the user of the command."
    )
    kind: str = strawberry.field(description="`key`, `token`, `command` or `service`; `unknown` without a valid key.")
    key_id: str | None = strawberry.field(description="The id of the key.")
    address: str | None = strawberry.field(description="The network address that the request came from.")


@strawberry.type(description="An entry of the audit log. It holds no personal values.")
class AuditEntry:
    """An entry of the audit log."""

    id: Id
    number: int = strawberry.field(description="Its place in the log, from 1.")
    at: DateTime
    who: AuditActor
    action: Action
    operation: str = strawberry.field(description="Root fields of GraphQL, a route, or a command.")
    objects: list[str] = strawberry.field(
        description="Ids of what was touched, and keyed hashes of identifiers: `identity-graph audit hash` gives that of one."
    )
    counts: JSON = strawberry.field(description="How many of what were shown.")
    outcome: Outcome
    reason: str | None = strawberry.field(description="The code of the error.")
    hash: str = strawberry.field(description="SHA-256 of the hash of the entry before and of this entry, in hex.")


@strawberry.type(description="A page of the audit log.")
class AuditConnection:
    """A page of the audit log."""

    edges: list[Edge[AuditEntry]]
    page_info: PageInfo


@strawberry.type
class AuditQueries:
    """The audit log."""

    @strawberry.field(
        description="Who read, changed or exported what, newest first. An entry appears about a second after what it tells."
    )
    async def audit_log(self, info: Info, first: First = 20, after: After = UNSET) -> AuditConnection:
        """Read a page of the log."""
        place = decode_cursor(_LIST, after, int)
        before = ABOVE_ALL if place is None else int(place[0])
        page = await read_log(info.context.loaders.reads, first=check_first(first), before=before)
        edges, page_info = edges_of(page, _entry_of, lambda row: encode_cursor(_LIST, row.number, row.entry.id))
        return AuditConnection(edges=edges, page_info=page_info)


def _entry_of(sealed: SealedEntry) -> AuditEntry:
    entry = sealed.entry
    return AuditEntry(
        id=Id(entry.id),
        number=sealed.number,
        at=DateTime(entry.at),
        who=AuditActor(
            name=entry.who.name,
            kind=entry.who.kind,
            key_id=entry.who.key_id or None,
            address=entry.who.address or None,
        ),
        action=entry.action,
        operation=entry.operation,
        objects=list(entry.objects),
        counts=JSON(dict(entry.counts)),
        outcome=entry.outcome,
        reason=entry.reason or None,
        hash=sealed.hash,
    )
