"""The rules that a graph was and is resolved under, and the progress of applying them."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.rules.read_models import Application, StoredRuleSet
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class PagedCustomer(NamedTuple):
    """A customer with its members: key, partners as JSON, whether quarantined, ambiguous, overruled."""

    id: str
    size: int
    contested: bool
    judged: bool
    rule_version: int
    awaited: bool
    members: list[tuple[str, str, bool, bool, bool]]


class PagedIdentifier(NamedTuple):
    """An identifier and the label of its namespace."""

    key: str
    ref: str
    label: str


class GraphSize(NamedTuple):
    """What there is to go through when rules are applied."""

    events: int
    customers: int
    identifiers: int


class JudgedKeys(NamedTuple):
    """What a judgement names, as it was said."""

    id: str
    a: str
    b: str | None


@query("rules/find_rule_set")
async def find_rule_set(tx: ReadTransaction) -> list[StoredRuleSet]: ...


@query("rules/list_rule_sets")
async def list_rule_sets(tx: ReadTransaction, *, versions: list[int]) -> list[StoredRuleSet]: ...


@query("rules/page_rule_sets")
async def page_rule_sets(tx: ReadTransaction, *, before: int, limit: int) -> list[StoredRuleSet]: ...


@query("rules/create_rule_set")
async def create_rule_set(
    tx: WriteTransaction,
    *,
    version: int,
    yaml: str,
    fingerprint: str,
    applied_by: str,
    status: str,
    replaces: list[int],
    reading: int,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("rules/replace_rule_set")
async def replace_rule_set(
    tx: WriteTransaction,
    *,
    version: int,
    yaml: str,
    fingerprint: str,
    applied_by: str,
    reading: int,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("rules/lock_rule_sets")
async def lock_rule_sets(tx: WriteTransaction) -> None: ...


@query("rules/find_application")
async def find_application(tx: ReadTransaction, *, version: int) -> list[Application]: ...


@query("rules/lock_application")
async def lock_application(tx: WriteTransaction, *, version: int) -> list[Application]: ...


@query("rules/save_application")
async def save_application(
    tx: WriteTransaction, *, version: int, phase: str, cursor: str, seen: int, progress: float
) -> None: ...


@query("rules/supersede_application")
async def supersede_application(tx: WriteTransaction, *, version: int) -> None: ...


@query("rules/finish_application")
async def finish_application(tx: WriteTransaction, *, version: int) -> None: ...


@query("rules/fail_application")
async def fail_application(tx: WriteTransaction, *, version: int, error: str) -> None: ...


@query("rules/count_all")
async def count_all(tx: ReadTransaction) -> list[GraphSize]: ...


@query("rules/page_customers")
async def page_customers(tx: ReadTransaction, *, after: str, limit: int) -> list[PagedCustomer]: ...


class Recounted(TypedDict):
    """A customer that stays as it is, and what is counted of it under other rules, as JSON."""

    id: str
    counts: str


@query("rules/adopt_rules")
async def adopt_rules(tx: WriteTransaction, *, rows: list[Recounted], rule_version: int) -> None: ...


class Partners(TypedDict):
    """An identifier and its partners under other rules, as JSON."""

    key: str
    partners: str
    crowding: float | None


@query("rules/set_partners")
async def set_partners(tx: WriteTransaction, *, rows: list[Partners]) -> None: ...


@query("rules/page_identifiers")
async def page_identifiers(tx: ReadTransaction, *, after: str, limit: int) -> list[PagedIdentifier]: ...


class Relabelled(TypedDict):
    """An identifier whose namespace has another label under other rules."""

    ref: str
    former: str
    label: str


@query("rules/relabel_identifiers")
async def relabel_identifiers(tx: WriteTransaction, *, rows: list[Relabelled]) -> None: ...


@query("rules/list_all_judgements")
async def list_all_judgements(tx: ReadTransaction) -> list[JudgedKeys]: ...


class JudgedNames(TypedDict):
    """What a judgement names under other rules; None for what is no identifier then."""

    id: str
    key_a: str | None
    key_b: str | None


@query("rules/set_judged_keys")
async def set_judged_keys(tx: WriteTransaction, *, rows: list[JudgedNames]) -> None: ...
