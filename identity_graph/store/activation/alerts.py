"""Rules of alerts, the events that are to be looked at for them, and the alerts."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.activation.read_models import AlertRuleRow, AlertView
from identity_graph.domain.values.observations import Instant
from identity_graph.store.activation.destinations import DeletedRow
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class Work(NamedTuple):
    """Whether there are events to be looked at, and held alerts that are to be told."""

    candidates: bool
    held: bool


class IdRow(NamedTuple):
    """An id."""

    id: str


class AlertFactsRow(NamedTuple):
    """What rules ask of an event. ``properties`` is JSON; ``totals`` are decimals of the orders that it tells of."""

    id: str
    name: str
    properties: str | None
    occurred_at: Instant
    customer_id: str | None
    totals: list[str]
    seen_before: Instant | None
    segments: list[str]


class LastAlert(NamedTuple):
    """The last alert of a rule and a customer; ``about`` is ``rule/customer``."""

    about: str
    id: str
    occurred_at: Instant


class NewAlert(TypedDict):
    """An alert to be kept."""

    id: str
    rule_id: str
    rule_name: str
    about: str | None
    customer_id: str | None
    event_id: str
    event_name: str
    repeats: int
    occurred_s: int
    occurred_ns: int
    at_s: int
    at_ns: int
    held_s: int
    held_ns: int


class AlertPosition(NamedTuple):
    """The position of the last alert."""

    position: int


@query("activation/save_alert_rule")
async def save_alert_rule(
    tx: WriteTransaction,
    *,
    id: str,
    name: str,
    rule: str,
    repeat_after: str | None,
    quiet_from: str | None,
    quiet_to: str | None,
    enabled: bool,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("activation/list_alert_rules")
async def list_alert_rules(tx: ReadTransaction) -> list[AlertRuleRow]: ...


@query("activation/delete_alert_rule")
async def delete_alert_rule(tx: WriteTransaction, *, id: str) -> list[DeletedRow]: ...


@query("activation/create_alert_candidates")
async def create_alert_candidates(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("activation/count_alert_work")
async def count_alert_work(tx: ReadTransaction, *, now_s: int, now_ns: int) -> list[Work]: ...


@query("activation/lock_alerting")
async def lock_alerting(tx: WriteTransaction) -> None: ...


@query("activation/list_alert_candidates")
async def list_alert_candidates(tx: ReadTransaction, *, limit: int) -> list[IdRow]: ...


@query("activation/delete_alert_candidates")
async def delete_alert_candidates(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("activation/find_alert_facts")
async def find_alert_facts(
    tx: ReadTransaction, *, ids: list[str], asks_seen: bool, asks_segments: bool
) -> list[AlertFactsRow]: ...


@query("activation/list_last_alerts")
async def list_last_alerts(tx: ReadTransaction, *, abouts: list[str]) -> list[LastAlert]: ...


@query("activation/find_alerts")
async def find_alerts(tx: ReadTransaction, *, ids: list[str]) -> list[IdRow]: ...


@query("activation/create_alerts")
async def create_alerts(tx: WriteTransaction, *, rows: list[NewAlert]) -> None: ...


@query("activation/count_repeats")
async def count_repeats(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("activation/list_held_alerts")
async def list_held_alerts(tx: ReadTransaction, *, now_s: int, now_ns: int, limit: int) -> list[AlertView]: ...


@query("activation/release_alerts")
async def release_alerts(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("activation/page_alerts")
async def page_alerts(tx: ReadTransaction, *, after: int, limit: int) -> list[AlertView]: ...


@query("activation/page_alerts_back")
async def page_alerts_back(tx: ReadTransaction, *, before: int, limit: int) -> list[AlertView]: ...


@query("activation/find_last_alert")
async def find_last_alert(tx: ReadTransaction) -> list[AlertPosition]: ...


@query("activation/find_told_alerts")
async def find_told_alerts(tx: ReadTransaction, *, ids: list[str]) -> list[AlertView]: ...
