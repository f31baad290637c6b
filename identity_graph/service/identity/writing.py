"""Writing: what was decided becomes rows of a handful of statements."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from identity_graph.domain.identity.customers import Change, TriggerKind
from identity_graph.domain.identity.evidence import Link
from identity_graph.domain.identity.joining import CustomerState
from identity_graph.domain.journeys.sessions import Session
from identity_graph.domain.rules.partners import crowding_of
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import IgnoredIdentifier, RawIdentifier
from identity_graph.domain.values.observations import Event
from identity_graph.service.identity.intake import IdentifierState, Intake
from identity_graph.service.identity.resolving import Resolved
from identity_graph.service.journeys.sessionizing import SessionChanges
from identity_graph.service.new_ids import new_id
from identity_graph.service.profiles.traits import MOST_TRAITS, NO_NAMESPACE, newest_traits
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Call, Transaction, run_together
from identity_graph.store.driver.rows import Rows, to_json
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import links as facts
from identity_graph.store.journeys import sessions as session_store


async def write_resolution(tx: Transaction, intake: Intake, resolved: Resolved, rules: RuleSet) -> None:
    """Write identifiers, links and customers."""
    await _write_customers(tx, intake, resolved, rules)
    await run_together(tx, *_link_calls(intake, resolved))


async def write_taken_in(
    tx: Transaction,
    events: Sequence[Event],
    intake: Intake,
    resolved: Resolved,
    journeys: SessionChanges,
    rules: RuleSet,
    triggers: Sequence[str | None],
) -> Counter[tuple[str, str]]:
    """Write all that new events bring, in three statements: what a later one refers to, an earlier one has written.

    The change log comes last in the transaction, as in ``write_changes``. The result counts the traits that are left out.
    """
    await _write_customers(tx, intake, resolved, rules)
    sessions = await _write_sessions(tx, journeys, *_link_calls(intake, resolved))
    states = intake.identifiers
    rows: Rows = [
        _event_row(event)
        | {
            "observed": [states[identifier.key].ref for identifier in event.identifiers],
            "session": sessions[journeys.session_of[event.id]] if event.id in journeys.session_of else None,
        }
        for event in events
    ]
    newest = newest_traits(events, rules)
    traits = [row | {"identifier": states[row["identifier"]].ref} for row in newest.rows]
    owners = list(dict.fromkeys(row["identifier"] for row in traits))
    surplus = facts.drop_surplus.call(identifiers=owners, most=MOST_TRAITS)
    await run_together(
        tx,
        *_place_calls(journeys, sessions),
        facts.create_events.call(rows=rows),
        facts.put_traits.call(rows=traits),
        surplus,
        _change_call(resolved, TriggerKind.OBSERVATION, triggers),
    )
    if dropped := surplus.rows[0].dropped:
        newest.left_out[NO_NAMESPACE, "too_many_traits"] += dropped
    return newest.left_out


async def retire_identifiers(tx: Transaction, intake: Intake, resolved: Resolved) -> None:
    """Write off the identifiers that nothing observes any more; their sessions and links are gone by now."""
    if intake.gone:
        refs = [intake.identifiers[key].ref for key in sorted(intake.gone)]
        await facts.retire_identifiers(tx, refs=refs, **_at(resolved))


async def write_changes(tx: Transaction, resolved: Resolved, kind: TriggerKind, triggers: Sequence[str | None]) -> None:
    """Write down what happened to customers, and what brought each change about.

    This comes last in a transaction: the log is locked from here to its end.
    """
    if resolved.changes:
        await run_together(tx, _change_call(resolved, kind, triggers))


async def write_sessions(tx: Transaction, journeys: SessionChanges) -> None:
    """Write what changed of sessions that no new event is in."""
    sessions = await _write_sessions(tx, journeys)
    await run_together(tx, *_place_calls(journeys, sessions))


async def _write_customers(tx: Transaction, intake: Intake, resolved: Resolved, rules: RuleSet) -> None:
    """Write customers and identifiers, and note what the store knows the new ones of these by."""
    at = _at(resolved)
    absorbed = [{"loser": loser, "winner": winner} for loser, winner in resolved.absorbed.items()]
    moved = [{"key": key, "customer_id": customer_id} for key, customer_id in resolved.moved.items()]
    merged = [{"loser": loser, "winner": winner} for loser, winner in resolved.merged.items()]
    new = [
        _new_identifier_row(state, resolved, rules)
        for state in intake.identifiers.values()
        if state.customer_id is None
    ]
    changed = {state.key: state for state in intake.identifiers.values() if state.changed}
    changed.update(resolved.ambiguity)
    known = [state for key, state in changed.items() if state.customer_id is not None and key not in intake.gone]
    seen = [state for state in intake.identifiers.values() if state.moved and state.key not in changed]
    created = facts.create_identifiers.call(rows=new, **at)
    await run_together(
        tx,
        customer_store.create_customers.call(rows=[_customer_row(c) for c in resolved.created.values()], **at),
        customer_store.move_all_members.call(rows=absorbed, **at),
        customer_store.move_members.call(rows=moved, **at),
        customer_store.end_customers.call(ids=sorted(resolved.ended), **at),
        customer_store.merge_customers.call(rows=merged, **at),
        customer_store.update_customers.call(rows=[_customer_row(c) for c in resolved.updated.values()]),
        customer_store.touch_customers.call(rows=[_span(c) | {"id": c.id} for c in resolved.touched.values()]),
        created,
        facts.update_identifiers.call(rows=[_identifier_row(s, rules) | {"ref": s.ref} for s in known], **at),
        facts.touch_identifiers.call(rows=[_span(state) | {"ref": state.ref} for state in seen]),
    )
    for row in created.rows:
        intake.identifiers[row.key].ref = row.ref
    if resolved.awaited:
        ids = sorted(resolved.awaited)
        await customer_store.await_customers(tx, ids=ids, rule_version=resolved.rule_version)


def _link_calls(intake: Intake, resolved: Resolved) -> tuple[Call[None], ...]:
    states = intake.identifiers
    new: Rows = [
        _link_row(link) | {"a": states[link.a].ref, "b": states[link.b].ref} for link in intake.new_links.values()
    ]
    known: Rows = [_link_row(link) | {"ref": intake.link_refs[pair]} for pair, link in intake.known_links.items()]
    witnesses: Rows = [{"a": a, "b": b, "witness": witness} for (a, b), witness in resolved.witnesses.items()]
    return (
        facts.delete_links.call(refs=list(intake.removed_links.values())),
        facts.create_links.call(rows=new),
        facts.update_links.call(rows=known),
        facts.drop_witnesses_of.call(keys=sorted(intake.newly_quarantined)),
        facts.set_witnesses.call(rows=witnesses, **_at(resolved)),
    )


async def _write_sessions(tx: Transaction, journeys: SessionChanges, *before: Call[None]) -> dict[str, str]:
    """Write sessions, and give what the store knows each of them by in this transaction."""
    refs = journeys.refs
    updated = [session_row(session) | {"ref": refs[session.id]} for session in journeys.updated.values()]
    owners = [{"ref": refs[id], "owner": owner.key} for id, owner in journeys.new_owners.items()]
    created = session_store.create_sessions.call(
        rows=[session_row(session) | {"owner": session.owner.key} for session in journeys.created.values()]
    )
    await run_together(
        tx,
        *before,
        created,
        session_store.update_sessions.call(rows=updated),
        session_store.set_owners.call(rows=owners),
    )
    return refs | {row.id: row.ref for row in created.rows}


def _place_calls(journeys: SessionChanges, sessions: dict[str, str]) -> tuple[Call[None], ...]:
    moved = [{"event_id": event, "session": sessions[id]} for event, id in journeys.moved_events.items()]
    return session_store.move_events.call(rows=moved), session_store.delete_sessions.call(ids=journeys.deleted)


def _change_call(resolved: Resolved, kind: TriggerKind, triggers: Sequence[str | None]) -> Call[None]:
    rows = [_change_row(change, kind, trigger) for change, trigger in zip(resolved.changes, triggers, strict=True)]
    return customer_store.create_changes.call(rows=rows, rule_version=resolved.rule_version, **_at(resolved))


def _at(resolved: Resolved) -> dict[str, int]:
    return {"at_s": seconds(resolved.at), "at_ns": nanoseconds(resolved.at)}


def _span(state: CustomerState | IdentifierState | Link) -> dict[str, Any]:
    first, last = state.first_seen, state.last_seen
    return {
        "first_s": seconds(first),
        "first_ns": nanoseconds(first),
        "last_s": seconds(last),
        "last_ns": nanoseconds(last),
    }


def _customer_row(customer: CustomerState) -> dict[str, Any]:
    return _span(customer) | {
        "id": customer.id,
        "updated_s": seconds(customer.updated_at),
        "updated_ns": nanoseconds(customer.updated_at),
        "size": customer.size,
        "counts": to_json(customer.counts),
        "contested": customer.contested or None,
        "contested_by_window": customer.contested_by_window or None,
        "judged": customer.judged or None,
        "rule_version": customer.rule_version,
    }


def _identifier_row(state: IdentifierState, rules: RuleSet) -> dict[str, Any]:
    return _span(state) | {
        "key": state.key,
        "partners": to_json(state.partners),
        "crowding": crowding_of(state.partners, rules.get_namespace(state.identifier.namespace)),
        "quarantined": state.quarantined or None,
        "ambiguous": state.ambiguous or None,
        "judged": state.judged or None,
        "overruled": state.overruled or None,
    }


def _new_identifier_row(state: IdentifierState, resolved: Resolved, rules: RuleSet) -> dict[str, Any]:
    return _identifier_row(state, rules) | {
        "label": rules.get_namespace(state.identifier.namespace).label,
        "namespace": state.identifier.namespace,
        "value": state.identifier.value,
        "customer_id": resolved.customer_of[state.key],
    }


def _link_row(link: Link) -> dict[str, Any]:
    return _span(link) | {"count": link.count, "sources": sorted(link.sources)}


def _change_row(change: Change, kind: TriggerKind, trigger: str | None) -> dict[str, Any]:
    return {
        "id": new_id("chg"),
        "kind": change.kind,
        "customers": list(change.customers),
        "trigger_kind": kind,
        "trigger_id": trigger,
    }


def session_row(session: Session) -> dict[str, Any]:
    """Write a session as the queries take it, but for its owner."""
    return {
        "id": session.id,
        "visitor": session.visitor,
        "channel": session.channel,
        "touchpoint_count": session.touchpoint_count,
        "first_s": seconds(session.first.occurred_at),
        "first_ns": nanoseconds(session.first.occurred_at),
        "first_source": session.first.source,
        "first_message_id": session.first.message_id,
        "last_s": seconds(session.last.occurred_at),
        "last_ns": nanoseconds(session.last.occurred_at),
        "last_source": session.last.source,
        "last_message_id": session.last.message_id,
        "unique_values": to_json(session.values),
    }


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "source": event.source,
        "message_id": event.message_id,
        "type": event.type,
        "name": event.name,
        "occurred_s": seconds(event.occurred_at),
        "occurred_ns": nanoseconds(event.occurred_at),
        "received_s": seconds(event.received_at),
        "received_ns": nanoseconds(event.received_at),
        "channel": event.channel,
        "identifiers": [raw.text for raw in event.raw_identifiers],
        "ignored": ignored_texts(event.ignored) or None,
        "properties": to_json(event.properties) if event.properties else None,
        "traits": to_json(event.traits) if event.traits else None,
    }


def ignored_texts(ignored: Sequence[IgnoredIdentifier]) -> list[str]:
    """Write the values of an event that link nothing, each behind the reason."""
    return [f"{item.code} {RawIdentifier(item.namespace, item.value).text}" for item in ignored]
