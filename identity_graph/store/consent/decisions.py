"""Decisions on consents, one node each, and the statements of events that they follow from."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class SaidRow(NamedTuple):
    """An event that says something of consents, seen from one of its identifiers; ``keys`` are those of all."""

    key: str
    at: Instant
    source: str
    message_id: str
    consents: str
    keys: list[str]


class DecisionRow(NamedTuple):
    """A decision as stored; ``key`` is that of the identifier."""

    key: str
    id: str
    subject: str
    channel: str | None
    state: str
    at: Instant
    source: str
    message_id: str
    last_at: Instant
    last_source: str
    last_message_id: str
    version: str | None
    text: str | None


class CustomerDecisionRow(NamedTuple):
    """A decision of an identifier of a customer."""

    customer_id: str
    key: str
    id: str
    subject: str
    channel: str | None
    state: str
    at: Instant
    source: str
    message_id: str
    last_at: Instant
    last_source: str
    last_message_id: str
    version: str | None
    text: str | None


class NewDecision(TypedDict):
    """A decision to write; ``identifier`` is a key."""

    identifier: str
    id: str
    subject: str
    channel: str | None
    state: str
    at_s: int
    at_ns: int
    source: str
    message_id: str
    last_s: int
    last_ns: int
    last_source: str
    last_message_id: str
    version: str | None
    text: str | None


@query("consent/list_statements")
async def list_statements(tx: ReadTransaction, *, keys: list[str]) -> list[SaidRow]: ...


@query("consent/list_decisions")
async def list_decisions(tx: ReadTransaction, *, keys: list[str]) -> list[DecisionRow]: ...


@query("consent/list_decisions_of_customers")
async def list_decisions_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[CustomerDecisionRow]: ...


class BarredRow(NamedTuple):
    """A customer whose bars are others than before."""

    customer_id: str


@query("consent/bar_customers")
async def bar_customers(tx: WriteTransaction) -> list[BarredRow]: ...


@query("consent/set_decisions")
async def set_decisions(tx: WriteTransaction, *, rows: list[NewDecision]) -> None: ...


@query("consent/delete_decisions")
async def delete_decisions(tx: WriteTransaction, *, ids: list[str]) -> None: ...
