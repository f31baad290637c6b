"""Rules of alerts: checked, saved, listed, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from identity_graph.domain.activation.alert_rules import ANY_EVENT, AlertRule
from identity_graph.domain.activation.quiet_hours import QuietHours, read_time
from identity_graph.domain.activation.read_models import AlertRuleRow
from identity_graph.domain.segments.checking import find_faults
from identity_graph.domain.segments.reading import raise_if_any, read_rule
from identity_graph.domain.segments.rule_tree import EventRule
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.durations import LONGEST, read_duration
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.activation.destinations import User, check_segments
from identity_graph.service.clock import now_instant
from identity_graph.service.commit.units import Units
from identity_graph.service.new_ids import new_id
from identity_graph.service.reads import Reads
from identity_graph.store.activation import alerts as store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction

ALERT_RULE = "alr"
"""The prefix of ids."""

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule as somebody wants it; with ``id`` it takes the place of that one.

    ``where`` is as in the conditions of segments. Durations are ISO 8601, times of the day ``22:00``.
    """

    name: str
    event: str
    id: str | None = None
    where: Sequence[Mapping[str, Any]] = ()
    order_above: str | None = None
    back_after: str | None = None
    segment: str | None = None
    repeat_after: str | None = None
    quiet_from: str | None = None
    quiet_to: str | None = None
    enabled: bool = True


async def save_alert_rule(units: Units, draft: Draft) -> AlertRuleRow:
    """Save a rule. Events count for it that are stored from now on; in other processes, from a few seconds on.

    Raises:
        InvalidInputError: something of it makes no sense; the message names all of it.
        SegmentError: a condition on a property cannot be evaluated.
        NotFoundError: there is no rule with this id.
        GraphUnavailableError: Neo4j does not answer.
    """
    _check(draft)
    rule = write_draft(draft)
    in_force = units.in_force
    raise_if_any(list(find_faults(read_rule(rule["did"]), Terms(in_force.catalogue, in_force.rules))))
    id = draft.id or new_id(ALERT_RULE)

    async def work(tx: WriteTransaction) -> AlertRuleRow:
        now = now_instant()
        if draft.id is not None and draft.id not in {row.id for row in await store.list_alert_rules(tx)}:
            raise _unknown(draft.id)
        await check_segments(tx, [] if draft.segment is None else [draft.segment])
        await store.save_alert_rule(
            tx,
            id=id,
            name=draft.name.strip(),
            rule=orjson.dumps(rule).decode(),
            repeat_after=draft.repeat_after,
            quiet_from=draft.quiet_from,
            quiet_to=draft.quiet_to,
            enabled=draft.enabled,
            at_s=seconds(now),
            at_ns=nanoseconds(now),
        )
        rows = await store.list_alert_rules(tx)
        units.watch.names = names_of(rows)
        return next(row for row in rows if row.id == id)

    return await units.graph.write(work)


async def delete_alert_rule(units: Units, id: str) -> None:
    """Delete a rule; its alerts stay.

    Raises:
        NotFoundError: there is no such rule.
        GraphUnavailableError: Neo4j does not answer.
    """
    (row,) = await units.graph.write(lambda tx: store.delete_alert_rule(tx, id=id))
    if not row.deleted:
        raise _unknown(id)


async def read_alert_rules(reads: Reads) -> list[AlertRuleRow]:
    """Read all rules, by id."""
    return await reads.run(store.list_alert_rules.call())


def rules_among(rows: Sequence[AlertRuleRow], segment_id: str) -> list[User]:
    """Tell which rules name a segment: while there are any it is not deleted."""
    return [User(row.id, row.name) for row in rows if rule_of(row).segment == segment_id]


def names_of(rows: Sequence[AlertRuleRow]) -> frozenset[str]:
    """Name the events that rules are about which are switched on."""
    return frozenset(rule_of(row).event for row in rows if row.enabled)


def rule_of(row: AlertRuleRow) -> AlertRule:
    """Read a rule as it was saved."""
    rule = orjson.loads(row.rule)
    did = read_rule(rule["did"])
    assert isinstance(did, EventRule)  # noqa: S101 - it was checked before it was saved
    start, end = read_time(row.quiet_from or ""), read_time(row.quiet_to or "")
    return AlertRule(
        id=row.id,
        name=row.name,
        event=did.event,
        where=did.where,
        order_above=None if rule["orderAbove"] is None else Decimal(rule["orderAbove"]),
        back_after=None if rule["backAfter"] is None else read_duration(rule["backAfter"]),
        segment=rule["segment"],
        repeat_after=read_duration(row.repeat_after or "") or 0,
        quiet=None if start is None or end is None else QuietHours(start, end),
    )


def write_draft(draft: Draft) -> dict[str, Any]:
    """Write what must hold of an event, as it is stored; ``did`` is a condition of segments."""
    did: dict[str, Any] = {"event": draft.event}
    if draft.where:
        did["where"] = list(draft.where)
    return {
        "did": {"did": did},
        "orderAbove": draft.order_above,
        "backAfter": draft.back_after,
        "segment": draft.segment,
    }


def _check(draft: Draft) -> None:
    faults: list[str] = []
    if not draft.name.strip() or len(draft.name) > LONGEST_NAME or not draft.name.isprintable():
        faults.append(f"`name` has 1 to {LONGEST_NAME} printable characters.")
    if draft.event == ANY_EVENT and draft.back_after is None:
        faults.append(
            "`event: *` is every event: it needs `backAfter`, for customers who come back. Else name an event."
        )
    for field, text in (("backAfter", draft.back_after), ("repeatAfter", draft.repeat_after)):
        if text is not None and not 0 < (read_duration(text) or 0) <= LONGEST:
            faults.append(f"`{field}` is a duration such as `P90D` or `PT1H`.")
    if draft.order_above is not None and not _is_amount(draft.order_above):
        faults.append("`orderAbove` is an amount of 0 or more.")
    if (draft.quiet_from is None) != (draft.quiet_to is None):
        faults.append("`quietHours` needs `from` and `to`.")
    elif draft.quiet_from is not None and draft.quiet_to is not None:
        if read_time(draft.quiet_from) is None or read_time(draft.quiet_to) is None:
            faults.append("`quietHours` are times such as `22:00`.")
        elif draft.quiet_from == draft.quiet_to:
            faults.append("`quietHours` must not be the whole day: switch the rule off with `enabled: false`.")
    if faults:
        raise InvalidInputError(" ".join(faults))


def _is_amount(text: str) -> bool:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return False
    return amount.is_finite() and amount >= 0


def _unknown(id: str) -> NotFoundError:
    return NotFoundError(f"There is no alert rule {id}.", id=id)
