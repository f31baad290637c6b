"""What people said about identifiers: same, different, unlinked, or overruled; and what events unbound.

A judgement keeps the keys as they were judged (``a``, ``b``) and what they are under the rules in force (``key_a``,
``key_b``, null when they are none). It outlives its identifiers: when one is observed again, it is in force again.
"""

from typing import NamedTuple, TypedDict

from identity_graph.domain.identity.read_models import ActiveJudgement
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query

SAME = "same"
DIFFERENT = "different"
UNLINKED = "unlinked"
OVERRULED = "overruled"
UNBOUND = "unbound"


class StoredJudgement(NamedTuple):
    """A judgement. ``b`` is None for one that overrules a quarantine or unbinds, ``until`` is set for one that unlinks or unbinds.

    Either key is None when it is no identifier under the rules in force.
    """

    id: str
    verdict: str
    a: str | None
    b: str | None
    until: Instant | None
    reason: str
    actor: str
    at: Instant
    withdrawn_at: Instant | None


class NewUnbinding(TypedDict):
    """An identifier that an event unbinds: as it came, and its key under the rules in force, None when it is none."""

    id: str
    a: str
    key: str | None
    until_s: int
    until_ns: int
    reason: str
    actor: str


class SpanOfKey(TypedDict):
    """A key and a span of time: after ``since``, if it is given, up to ``until``."""

    key: str
    since_s: int | None
    since_ns: int | None
    until_s: int
    until_ns: int


class SeenWith(NamedTuple):
    """Two keys that an event observed."""

    key: str
    other: str


class JudgementCount(NamedTuple):
    """The number of judgements in the graph."""

    total: int


@query("corrections/count_judgements")
async def count_judgements(tx: ReadTransaction) -> list[JudgementCount]: ...


@query("corrections/create_judgement")
async def create_judgement(
    tx: WriteTransaction,
    *,
    id: str,
    verdict: str,
    a: str,
    b: str | None,
    until_s: int | None,
    until_ns: int | None,
    reason: str,
    actor: str,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("corrections/create_unbindings")
async def create_unbindings(tx: WriteTransaction, *, rows: list[NewUnbinding], at_s: int, at_ns: int) -> None: ...


@query("corrections/list_seen_with")
async def list_seen_with(tx: ReadTransaction, *, rows: list[SpanOfKey]) -> list[SeenWith]: ...


@query("corrections/withdraw_judgement")
async def withdraw_judgement(tx: WriteTransaction, *, id: str, actor: str, at_s: int, at_ns: int) -> None: ...


@query("corrections/find_judgement")
async def find_judgement(tx: ReadTransaction, *, id: str) -> list[StoredJudgement]: ...


@query("corrections/list_judgements")
async def list_judgements(tx: ReadTransaction, *, keys: list[str]) -> list[ActiveJudgement]: ...


@query("corrections/list_judgements_of_customers")
async def list_judgements_of_customers(tx: ReadTransaction, *, ids: list[str]) -> list[ActiveJudgement]: ...


@query("corrections/lock_judging")
async def lock_judging(tx: WriteTransaction) -> None: ...
