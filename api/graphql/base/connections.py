"""Connections after the Relay cursor specification."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import strawberry

from identity_graph.service.positions import Page

T = TypeVar("T")
Row = TypeVar("Row")

After = Annotated[str | None, strawberry.argument(description="The endCursor of the previous page.")]
First = Annotated[int | None, strawberry.argument(description="Items of the page, 100 at most.")]


@strawberry.type(description="Where a page ends and whether more follows.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type(description="An item of a list, with the cursor that a next page can start after.")
class Edge(Generic[T]):
    """An item with its cursor."""

    cursor: str
    node: T


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page with a total that is only counted when it is asked for."""

    edges: list[Edge[T]]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="Length of the whole list under the same filters.")
    async def total_count(self) -> int:
        """Count the list."""
        return await self.count()


def edges_of(
    page: Page[Row], node_of: Callable[[Row], T], cursor_of: Callable[[Row], str]
) -> tuple[list[Edge[T]], PageInfo]:
    """Turn rows into edges, and tell where they end."""
    edges = [Edge(cursor=cursor_of(row), node=node_of(row)) for row in page.items]
    return edges, PageInfo(has_next_page=page.has_next_page, end_cursor=edges[-1].cursor if edges else None)
