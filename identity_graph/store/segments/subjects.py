"""Customers that are evaluated: whether they are still there, their marks, and what people decided about them."""

from typing import Any, NamedTuple

from identity_graph.domain.segments.read_models import PinView
from identity_graph.store.driver.query import ReadTransaction, query


class Subject(NamedTuple):
    """A customer: identifiers are pairs of key and when it was first seen.

    Of one that is restricted nothing is looked at. ``merged_into`` is where one that is no more went.
    """

    customer_id: str
    is_former: bool
    is_restricted: bool
    mark: int
    identifiers: list[list[Any]]
    merged_into: str | None


@query("segments/find_subjects")
async def find_subjects(tx: ReadTransaction, *, customer_ids: list[str]) -> list[Subject]: ...


@query("segments/list_subject_pins")
async def list_subject_pins(tx: ReadTransaction, *, customer_ids: list[str]) -> list[PinView]: ...
