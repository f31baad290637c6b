"""Writing: what was decided becomes rows of a handful of statements."""

from collections.abc import Sequence
from typing import Any

from identity_graph.domain.customers import Change, TriggerKind
from identity_graph.domain.evidence import Link
from identity_graph.domain.identifiers import IgnoredIdentifier, RawIdentifier
from identity_graph.domain.joining import CustomerState
from identity_graph.domain.observations import Event
from identity_graph.domain.rules import RuleSet
from identity_graph.domain.sessions import Session
from identity_graph.service.identity import new_id
from identity_graph.service.intake import IdentifierState, Intake
from identity_graph.service.resolving import Resolved
from identity_graph.service.sessionizing import SessionChanges
from identity_graph.service.trait_claims import newest_traits
from identity_graph.store import customers as customer_store
from identity_graph.store import facts
from identity_graph.store import sessions as session_store
from identity_graph.store.instants import nanoseconds, seconds
from identity_graph.store.query import Transaction
from identity_graph.store.rows import Rows, to_json

_CROWDED = 50
"""From this percentage of its limit on an identifier is told to be crowded."""


async def write_resolution(tx: Transaction, intake: Intake, resolved: Resolved, rules: RuleSet) -> None:
    """Write identifiers, links and customers."""
    at = {"at_s": seconds(resolved.at), "at_ns": nanoseconds(resolved.at)}
    if resolved.created:
        await customer_store.create_customers(tx, rows=[_customer_row(c) for c in resolved.created.values()], **at)
    if resolved.absorbed:
        rows = [{"loser": loser, "winner": winner} for loser, winner in resolved.absorbed.items()]
        await customer_store.move_all_members(tx, rows=rows, **at)
    if resolved.moved:
        rows = [{"key": key, "customer_id": customer_id} for key, customer_id in resolved.moved.items()]
        await customer_store.move_members(tx, rows=rows, **at)
    if resolved.ended:
        await customer_store.end_customers(tx, ids=sorted(resolved.ended), **at)
    if resolved.merged:
        rows = [{"loser": loser, "winner": winner} for loser, winner in resolved.merged.items()]
        await customer_store.merge_customers(tx, rows=rows, **at)
    if resolved.updated:
        await customer_store.update_customers(tx, rows=[_customer_row(c) for c in resolved.updated.values()])
    if resolved.touched:
        await customer_store.touch_customers(tx, rows=[_span(c) | {"id": c.id} for c in resolved.touched.values()])
    await _write_identifiers(tx, intake, resolved, rules, at)
    await _write_links(tx, intake, resolved, at)


async def retire_identifiers(tx: Transaction, intake: Intake, resolved: Resolved) -> None:
    """Write off the identifiers that nothing observes any more; their sessions and links are gone by now."""
    if intake.gone:
        refs = [intake.identifiers[key].ref for key in sorted(intake.gone)]
        at = {"at_s": seconds(resolved.at), "at_ns": nanoseconds(resolved.at)}
        await facts.retire_identifiers(tx, refs=refs, **at)


async def write_changes(
    tx: Transaction, resolved: Resolved, rule_version: int, kind: TriggerKind, triggers: Sequence[str | None]
) -> None:
    """Write down what happened to customers, and what brought each change about.

    This comes last in a transaction: the log is locked from here to its end.
    """
    if resolved.changes:
        rows = [_change_row(change, kind, trigger) for change, trigger in zip(resolved.changes, triggers, strict=True)]
        at = {"at_s": seconds(resolved.at), "at_ns": nanoseconds(resolved.at)}
        await customer_store.create_changes(tx, rows=rows, rule_version=rule_version, **at)


async def write_journeys(
    tx: Transaction, events: Sequence[Event], intake: Intake, journeys: SessionChanges, rules: RuleSet
) -> None:
    """Write sessions, then the events in them, and the traits that the events brought."""
    refs = {key: state.ref for key, state in intake.identifiers.items()}
    sessions = await write_sessions(tx, journeys)
    rows: Rows = [
        _event_row(event)
        | {
            "observed": [refs[identifier.key] for identifier in event.identifiers],
            "session": sessions[journeys.session_of[event.id]] if event.id in journeys.session_of else None,
        }
        for event in events
    ]
    await facts.create_events(tx, rows=rows)
    traits = [row | {"identifier": refs[row["identifier"]]} for row in newest_traits(events, rules)]
    if traits:
        await facts.put_traits(tx, rows=traits)


async def write_sessions(tx: Transaction, journeys: SessionChanges) -> dict[str, str]:
    """Write what changed of sessions, and give what the store knows each of them by in this transaction."""
    sessions = journeys.refs
    if journeys.created:
        rows: Rows = [session_row(s) | {"owner": s.owner.key} for s in journeys.created.values()]
        sessions.update({row.id: row.ref for row in await session_store.create_sessions(tx, rows=rows)})
    if journeys.updated:
        rows = [session_row(s) | {"ref": sessions[s.id]} for s in journeys.updated.values()]
        await session_store.update_sessions(tx, rows=rows)
    if journeys.new_owners:
        rows = [{"ref": sessions[id], "owner": owner.key} for id, owner in journeys.new_owners.items()]
        await session_store.set_owners(tx, rows=rows)
    if journeys.moved_events:
        rows = [{"event_id": event, "session": sessions[id]} for event, id in journeys.moved_events.items()]
        await session_store.move_events(tx, rows=rows)
    if journeys.deleted:
        await session_store.delete_sessions(tx, ids=journeys.deleted)
    return sessions


async def _write_identifiers(
    tx: Transaction, intake: Intake, resolved: Resolved, rules: RuleSet, at: dict[str, int]
) -> None:
    new = [state for state in intake.identifiers.values() if state.customer_id is None]
    changed = {state.key: state for state in intake.identifiers.values() if state.changed}
    changed.update(resolved.ambiguity)
    moved = [state for state in intake.identifiers.values() if state.moved and state.key not in changed]
    if new:
        rows = [
            _identifier_row(state, rules)
            | {
                "label": rules.get_namespace(state.identifier.namespace).label,
                "namespace": state.identifier.namespace,
                "value": state.identifier.value,
                "customer_id": resolved.customer_of[state.key],
            }
            for state in new
        ]
        for row in await facts.create_identifiers(tx, rows=rows, **at):
            intake.identifiers[row.key].ref = row.ref
    rows = [
        _identifier_row(state, rules) | {"ref": state.ref}
        for key, state in changed.items()
        if state.customer_id is not None and key not in intake.gone
    ]
    if rows:
        await facts.update_identifiers(tx, rows=rows, **at)
    if moved:
        await facts.touch_identifiers(tx, rows=[_span(state) | {"ref": state.ref} for state in moved])


async def _write_links(tx: Transaction, intake: Intake, resolved: Resolved, at: dict[str, int]) -> None:
    if intake.removed_links:
        await facts.delete_links(tx, refs=list(intake.removed_links.values()))
    if intake.new_links:
        refs = {key: state.ref for key, state in intake.identifiers.items()}
        rows: Rows = [_link_row(link) | {"a": refs[link.a], "b": refs[link.b]} for link in intake.new_links.values()]
        await facts.create_links(tx, rows=rows)
    if intake.known_links:
        rows = [_link_row(link) | {"ref": intake.link_refs[pair]} for pair, link in intake.known_links.items()]
        await facts.update_links(tx, rows=rows)
    if intake.newly_quarantined:
        await facts.drop_witnesses_of(tx, keys=sorted(intake.newly_quarantined))
    if resolved.witnesses:
        rows = [{"a": a, "b": b, "witness": witness} for (a, b), witness in resolved.witnesses.items()]
        await facts.set_witnesses(tx, rows=rows, **at)


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
        "crowding": _crowding(state, rules),
        "quarantined": state.quarantined or None,
        "ambiguous": state.ambiguous or None,
        "judged": state.judged or None,
        "overruled": state.overruled or None,
    }


def _crowding(state: IdentifierState, rules: RuleSet) -> int | None:
    """Tell how full an identifier is of partners, in percent of what it may have; None below one half."""
    if not state.partners:
        return None
    share = 100 * max(state.partners.values()) // rules.get_namespace(state.identifier.namespace).max_partners
    return share if share >= _CROWDED else None


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
