"""The list of what did not count."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Edge, First, PageInfo, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, given
from api.graphql.base.scalars import DateTime
from api.graphql.base.sealed_cursors import read_sealed_cursor, write_sealed_cursor
from api.graphql.explaining.violations import Violation
from identity_graph.errors import InvalidInputError
from identity_graph.service.explaining.violations import STREAMS, FoundViolation, Position, read_violations

_LIST = "violations"

Code = Annotated[str | None, strawberry.argument(description="Only violations with this code, such as `quarantined`.")]


@strawberry.type(description="A page of violations. `identityHealth` counts them by code.")
class ViolationConnection:
    """A page of violations, whose total is too dear to count for each page."""

    edges: list[Edge[Violation]]
    page_info: PageInfo


@strawberry.type
class ViolationQueries:
    """What did not count."""

    @strawberry.field(
        description="Every refused link, every quarantined identifier, and every value that was not an identifier "
        "or linked nothing, newest first. The links of a quarantined identifier are not listed "
        "separately."
    )
    async def violations(
        self, info: Info, code: Code = UNSET, first: First = 20, after: After = UNSET
    ) -> ViolationConnection:
        """Read a page of the violations."""
        service = info.context.service
        page = await read_violations(
            info.context.loaders.reads,
            service.rules,
            service.rules_version,
            code=given(code),
            first=check_first(first),
            after=_decode(info, after),
        )
        edges, page_info = edges_of(page, _violation_of, lambda found: _encode(info, found.position))
        return ViolationConnection(edges=edges, page_info=page_info)


def _encode(info: Info, position: Position) -> str:
    return write_sealed_cursor(info, _LIST, position.at, f"{position.kind} {position.id}")


def _decode(info: Info, cursor: str | None) -> Position | None:
    decoded = read_sealed_cursor(info, _LIST, cursor, int)
    if decoded is None:
        return None
    kind, _, id = decoded[1].partition(" ")
    if kind not in STREAMS:
        raise InvalidInputError("This is not a cursor of this list: pass the endCursor of a page.", after=cursor)
    return Position(int(decoded[0]), kind, id)


def _violation_of(found: FoundViolation) -> Violation:
    return Violation(
        code=found.code,
        message=found.message,
        at=DateTime(found.position.at),
        observation_id=found.event_id,
        rule_version=found.rule_version,
        a_key=found.a,
        b_key=found.b,
        seen_at=found.occurred_at,
    )
