"""Whether the database answers, and the numbers of identity health.

What counts everything reads everything, in memory that does not grow with the graph. Days are counted since 1970, in
UTC; ``since`` is an ISO 8601 text.
"""

from typing import NamedTuple

from identity_graph.store.driver.query import ReadTransaction, query


class AnswerRow(NamedTuple):
    """An answer."""

    answer: int


class VersionRow(NamedTuple):
    """The version of Neo4j, such as ``5.26.30``, and its edition."""

    version: str
    edition: str


class NamespaceRow(NamedTuple):
    """A namespace: its identifiers, and how often one of them was seen."""

    namespace: str
    identifiers: int
    observations: int


class MembersRow(NamedTuple):
    """``customers`` customers have ``members`` identifiers of a namespace."""

    namespace: str
    members: int
    customers: int


class SizeRow(NamedTuple):
    """``customers`` customers have ``size`` identifiers."""

    size: int
    customers: int


class CustomersRow(NamedTuple):
    """A number of customers."""

    customers: int


class NamespaceCountRow(NamedTuple):
    """A number of identifiers of a namespace."""

    namespace: str
    identifiers: int


class CodeCountRow(NamedTuple):
    """A number of violations of a code."""

    code: str
    violations: int


class SuspectRow(NamedTuple):
    """An identifier with its partners (JSON, per namespace and scope) and how full it is, in percent."""

    key: str
    partners: str
    crowding: int


class DayRow(NamedTuple):
    """How much there was on a day."""

    day: int
    total: int


class DayKindRow(NamedTuple):
    """How many changes of a kind there were on a day."""

    day: int
    kind: str
    total: int


@query("health/check_answer")
async def check_answer(tx: ReadTransaction) -> list[AnswerRow]: ...


@query("health/find_version")
async def find_version(tx: ReadTransaction) -> list[VersionRow]: ...


@query("health/count_namespaces")
async def count_namespaces(tx: ReadTransaction) -> list[NamespaceRow]: ...


@query("health/count_members")
async def count_members(tx: ReadTransaction) -> list[MembersRow]: ...


@query("health/count_sizes")
async def count_sizes(tx: ReadTransaction) -> list[SizeRow]: ...


@query("health/count_anonymous")
async def count_anonymous(tx: ReadTransaction, *, visitors: list[str]) -> list[CustomersRow]: ...


@query("health/count_quarantined")
async def count_quarantined(tx: ReadTransaction) -> list[NamespaceCountRow]: ...


@query("health/count_crowded")
async def count_crowded(tx: ReadTransaction, *, percent: int) -> list[NamespaceCountRow]: ...


@query("health/count_refusals")
async def count_refusals(tx: ReadTransaction, *, max_identifiers: int) -> list[CodeCountRow]: ...


@query("health/count_ignored")
async def count_ignored(tx: ReadTransaction) -> list[CodeCountRow]: ...


@query("health/list_suspects")
async def list_suspects(tx: ReadTransaction, *, limit: int) -> list[SuspectRow]: ...


@query("health/list_new_customers_by_day")
async def list_new_customers_by_day(tx: ReadTransaction, *, since: str) -> list[DayRow]: ...


@query("health/list_changes_by_day")
async def list_changes_by_day(tx: ReadTransaction, *, since: str) -> list[DayKindRow]: ...


@query("health/list_refusals_by_day")
async def list_refusals_by_day(tx: ReadTransaction, *, since: str) -> list[DayRow]: ...


@query("health/list_ignored_by_day")
async def list_ignored_by_day(tx: ReadTransaction, *, since: str) -> list[DayRow]: ...
