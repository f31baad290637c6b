"""Marks: customers that wait to be evaluated, since something changed that segments read."""

from typing import TypedDict

from identity_graph.store.driver.query import WriteTransaction, query


class MarkRow(TypedDict):
    """What changed, as tokens; ``cause`` is a number, the greater the stronger."""

    tokens: list[str]
    cause: int
    occurred_s: int
    occurred_ns: int


class CustomerMark(MarkRow):
    """A mark of a customer."""

    id: str


class OwnerMark(MarkRow):
    """A mark of the customer of an identifier."""

    key: str


@query("segments/mark_customers")
async def mark_customers(tx: WriteTransaction, *, rows: list[CustomerMark], at_s: int, at_ns: int) -> None: ...


@query("segments/mark_owners")
async def mark_owners(tx: WriteTransaction, *, rows: list[OwnerMark], at_s: int, at_ns: int) -> None: ...
