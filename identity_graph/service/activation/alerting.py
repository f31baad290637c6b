"""Looking at noted events for alerts, and telling of alerts when they may be told."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import orjson
import structlog

from identity_graph.domain.activation.alert_rules import AlertFacts, AlertRule, is_repeat, matches
from identity_graph.domain.activation.destinations import MessageKind
from identity_graph.domain.activation.messages import message_id, write_alert
from identity_graph.domain.activation.quiet_hours import find_release
from identity_graph.domain.values.observations import Instant
from identity_graph.service.activation.alert_feed import AlertFeed
from identity_graph.service.activation.alert_rules import names_of, rule_of
from identity_graph.service.activation.outbox import new_delivery, wants_of
from identity_graph.service.commit.units import Units
from identity_graph.store.activation import alerts as store
from identity_graph.store.activation.alerts import AlertFactsRow, NewAlert
from identity_graph.store.activation.deliveries import create_deliveries
from identity_graph.store.activation.destinations import list_destinations
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction

_AT_ONCE = 200
_LOOK_SECONDS = 1.0
_LOOK_SECONDS_WITHOUT = 2.0
"""How often a process looks for rules that another one saved."""

_PATIENCE = 5.0
"""Seconds that what is under way may take to end, before it is cancelled."""

_log = structlog.get_logger(__name__)


class Alerting:
    """Looks at what was noted, in one process after the other, and says when alerts were told."""

    def __init__(self, units: Units, on_told: Callable[[], None]) -> None:
        self._units = units
        self._on_told = on_told
        self.feed = AlertFeed(units.graph)
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False

    async def start(self) -> None:
        """Read the rules, so that no event escapes, and start; needs a running event loop.

        Raises:
            GraphUnavailableError: Neo4j does not answer.
        """
        await self._read_names()
        self._task = asyncio.create_task(self._run(), name="alerting")

    async def close(self) -> None:
        """Stop; what is left is looked at when a service runs again."""
        self._is_ending = True
        self._units.watch.announce()
        if self._task is not None:
            # Whoever ends it in the midst of a question to Neo4j leaves a connection in disorder.
            await asyncio.wait({self._task}, timeout=_PATIENCE)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> int:
        """Look at all that was noted, tell what may be told, and return how many alerts were told."""
        graph, told = self._units.graph, 0
        while True:
            now = self._units.now()
            (work,) = await graph.read(
                lambda tx, now=now: store.count_alert_work(tx, now_s=seconds(now), now_ns=nanoseconds(now))
            )
            if not work.candidates and not work.held:
                return told
            count = await graph.write(lambda tx, now=now: self._take(tx, now))
            if count:
                told += count
                self.feed.announce()
                self._on_told()

    async def _run(self) -> None:
        while not self._is_ending:
            names: frozenset[str] = frozenset()
            try:
                names = await self._read_names()
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                _log.error("events cannot be looked at for alerts", error=type(error).__name__)
            if self._is_ending:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS if names else _LOOK_SECONDS_WITHOUT):
                    await self._units.watch.wait()

    async def _read_names(self) -> frozenset[str]:
        names = self._units.watch.names = names_of(await self._units.graph.read(store.list_alert_rules))
        return names

    async def _take(self, tx: WriteTransaction, now: Instant) -> int:
        """Look at some of what was noted and tell of some alerts; all of it in one transaction."""
        await store.lock_alerting(tx)
        ids = [row.id for row in await store.list_alert_candidates(tx, limit=_AT_ONCE)]
        if ids:
            await self._judge(tx, ids, now)
            await store.delete_alert_candidates(tx, ids=ids)
        return await _tell(tx, now)

    async def _judge(self, tx: WriteTransaction, ids: Sequence[str], now: Instant) -> None:
        rules = [rule_of(row) for row in await store.list_alert_rules(tx) if row.enabled]
        if not rules:
            return
        asks_seen = any(rule.back_after is not None for rule in rules)
        asks_segments = any(rule.segment is not None for rule in rules)
        rows = await store.find_alert_facts(tx, ids=list(ids), asks_seen=asks_seen, asks_segments=asks_segments)
        zone = self._units.in_force.catalogue.zone
        hits = [(rule, row) for row in rows for rule in rules if matches(rule, _facts_of(row), zone, now)]
        abouts = sorted({about for rule, row in hits if (about := _about(rule, row)) is not None})
        last = {found.about: (found.id, found.occurred_at) for found in await store.list_last_alerts(tx, abouts=abouts)}
        known = {row.id for row in await store.find_alerts(tx, ids=[_alert_id(rule, row) for rule, row in hits])}
        made: list[NewAlert] = []
        by_id: dict[str, NewAlert] = {}
        repeats: list[str] = []
        for rule, row in hits:
            id, about = _alert_id(rule, row), _about(rule, row)
            if id in known:
                continue
            before = None if about is None else last.get(about)
            if before is not None and is_repeat(rule, before[1], row.occurred_at):
                if before[0] in by_id:
                    by_id[before[0]]["repeats"] += 1
                else:
                    repeats.append(before[0])
                continue
            alert = by_id[id] = _new_alert(rule, row, now, find_release(now, rule.quiet, zone))
            made.append(alert)
            if about is not None:
                last[about] = (id, row.occurred_at)
        await store.create_alerts(tx, rows=made)
        await store.count_repeats(tx, ids=repeats)


async def _tell(tx: WriteTransaction, now: Instant) -> int:
    """Give a place in the order to alerts that may be told, and put them into the outbox of those who want them."""
    alerts = await store.list_held_alerts(tx, now_s=seconds(now), now_ns=nanoseconds(now), limit=_AT_ONCE)
    if not alerts:
        return 0
    await store.release_alerts(tx, ids=[alert.id for alert in alerts])
    listeners = [row.id for row in await list_destinations(tx) if MessageKind.ALERT in wants_of(row).kinds]
    rows = [
        new_delivery(
            message_id(listener, "alert", alert.id),
            listener,
            MessageKind.ALERT,
            alert.customer_id,
            write_alert(alert),
            now,
        )
        for listener in listeners
        for alert in alerts
    ]
    await create_deliveries(tx, rows=rows)
    return len(alerts)


def _facts_of(row: AlertFactsRow) -> AlertFacts:
    properties: Any = {} if row.properties is None else orjson.loads(row.properties)
    return AlertFacts(
        name=row.name,
        at=row.occurred_at,
        properties=properties if isinstance(properties, dict) else {},
        customer_id=row.customer_id,
        order_totals=tuple(map(Decimal, row.totals)),
        seen_before=row.seen_before,
        segments=frozenset(row.segments),
    )


def _about(rule: AlertRule, row: AlertFactsRow) -> str | None:
    return None if row.customer_id is None else f"{rule.id}/{row.customer_id}"


def _alert_id(rule: AlertRule, row: AlertFactsRow) -> str:
    return message_id(rule.id, row.id).replace("msg_", "alt_", 1)


def _new_alert(rule: AlertRule, row: AlertFactsRow, now: Instant, held_until: Instant) -> NewAlert:
    return {
        "id": _alert_id(rule, row),
        "rule_id": rule.id,
        "rule_name": rule.name,
        "about": _about(rule, row),
        "customer_id": row.customer_id,
        "event_id": row.id,
        "event_name": row.name,
        "repeats": 0,
        "occurred_s": seconds(row.occurred_at),
        "occurred_ns": nanoseconds(row.occurred_at),
        "at_s": seconds(now),
        "at_ns": nanoseconds(now),
        "held_s": seconds(held_until),
        "held_ns": nanoseconds(held_until),
    }
