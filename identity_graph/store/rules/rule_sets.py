"""The rules that a graph was and is resolved under, and how far their application has come."""

from typing import NamedTuple

from identity_graph.domain.rules.read_models import StoredRuleSet
from identity_graph.store.driver.query import Transaction, query
from identity_graph.store.driver.rows import Rows


class Application(NamedTuple):
    """How far the application of rules has come: ``cursor`` is the last id or key of the phase, ``seen`` counts all."""

    status: str
    phase: str
    cursor: str
    seen: int


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
async def find_rule_set(tx: Transaction) -> list[StoredRuleSet]: ...


@query("rules/list_rule_sets")
async def list_rule_sets(tx: Transaction, *, versions: list[int]) -> list[StoredRuleSet]: ...


@query("rules/page_rule_sets")
async def page_rule_sets(tx: Transaction, *, before: int, limit: int) -> list[StoredRuleSet]: ...


@query("rules/create_rule_set")
async def create_rule_set(
    tx: Transaction,
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
    tx: Transaction, *, version: int, yaml: str, fingerprint: str, applied_by: str, reading: int, at_s: int, at_ns: int
) -> None: ...


@query("rules/lock_rule_sets")
async def lock_rule_sets(tx: Transaction) -> None: ...


@query("rules/find_application")
async def find_application(tx: Transaction, *, version: int) -> list[Application]: ...


@query("rules/lock_application")
async def lock_application(tx: Transaction, *, version: int) -> list[Application]: ...


@query("rules/save_application")
async def save_application(
    tx: Transaction, *, version: int, phase: str, cursor: str, seen: int, progress: float
) -> None: ...


@query("rules/supersede_application")
async def supersede_application(tx: Transaction, *, version: int) -> None: ...


@query("rules/finish_application")
async def finish_application(tx: Transaction, *, version: int) -> None: ...


@query("rules/fail_application")
async def fail_application(tx: Transaction, *, version: int, error: str) -> None: ...


@query("rules/count_all")
async def count_all(tx: Transaction) -> list[GraphSize]: ...


@query("rules/page_customers")
async def page_customers(tx: Transaction, *, after: str, limit: int) -> list[PagedCustomer]: ...


@query("rules/adopt_rules")
async def adopt_rules(tx: Transaction, *, rows: Rows, rule_version: int) -> None: ...


@query("rules/set_partners")
async def set_partners(tx: Transaction, *, rows: Rows) -> None: ...


@query("rules/page_identifiers")
async def page_identifiers(tx: Transaction, *, after: str, limit: int) -> list[PagedIdentifier]: ...


@query("rules/relabel_identifiers")
async def relabel_identifiers(tx: Transaction, *, rows: Rows) -> None: ...


@query("rules/list_all_judgements")
async def list_all_judgements(tx: Transaction) -> list[JudgedKeys]: ...


@query("rules/set_judged_keys")
async def set_judged_keys(tx: Transaction, *, rows: Rows) -> None: ...
