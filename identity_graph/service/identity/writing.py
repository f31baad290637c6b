"""Writing: decisions become rows of a few statements."""

from collections.abc import Sequence

from identity_graph.domain.identity.customers import Change, TriggerKind
from identity_graph.domain.identity.evidence import Link
from identity_graph.domain.identity.joining import CustomerState
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.partners import crowding_of
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.identity.intake import IdentifierState, Intake
from identity_graph.service.identity.resolving import Resolved
from identity_graph.service.identity.touching import touch_revised
from identity_graph.service.new_ids import new_id
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Call, WriteTransaction, run_together
from identity_graph.store.driver.rows import Span, to_json
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import identifiers as identifier_store
from identity_graph.store.identity import links as link_store
from identity_graph.store.identity.customers import ChangedCustomer, Merge, Move, NewChange, NewCustomer
from identity_graph.store.identity.identifiers import ChangedIdentifier, NewIdentifier
from identity_graph.store.identity.links import ChangedLink, NewLink, NewWitness


async def write_resolution(
    tx: WriteTransaction, intake: Intake, resolved: Resolved, regime: Regime, kind: TriggerKind
) -> None:
    """Write identifiers, links and customers after evidence or judgements changed."""
    touch_revised(intake, resolved, regime, kind)
    refs = await write_customers(tx, intake, resolved, regime.rules)
    await run_together(tx, *link_calls(intake, resolved, refs))


async def retire_identifiers(tx: WriteTransaction, intake: Intake, resolved: Resolved) -> None:
    """Write off the identifiers that nothing observes any more; their sessions and links are gone by now."""
    if intake.gone:
        refs = [intake.identifiers[key].ref for key in sorted(intake.gone)]
        await identifier_store.retire_identifiers(tx, refs=refs, **_at(resolved))


async def write_changes(
    tx: WriteTransaction, resolved: Resolved, kind: TriggerKind, triggers: Sequence[str | None]
) -> None:
    """Write down what happened to customers, and what brought each change about.

    This comes last in a transaction: the log is locked from here to its end.
    """
    if resolved.changes:
        await run_together(tx, change_call(resolved, kind, triggers))


async def write_customers(tx: WriteTransaction, intake: Intake, resolved: Resolved, rules: RuleSet) -> dict[str, str]:
    """Write customers and identifiers, and tell what the store knows each identifier of the intake by."""
    at = _at(resolved)
    absorbed: list[Merge] = [{"loser": loser, "winner": winner} for loser, winner in resolved.absorbed.items()]
    moved: list[Move] = [{"key": key, "customer_id": customer_id} for key, customer_id in resolved.moved.items()]
    merged: list[Merge] = [{"loser": loser, "winner": winner} for loser, winner in resolved.merged.items()]
    new = [
        _new_identifier(resolved.ambiguity.get(state.key, state), resolved, rules)
        for state in intake.identifiers.values()
        if state.customer_id is None
    ]
    changed = {state.key: state for state in intake.identifiers.values() if state.changed}
    changed.update(resolved.ambiguity)
    known = [state for key, state in changed.items() if state.customer_id is not None and key not in intake.gone]
    seen = [state for state in intake.identifiers.values() if state.moved and state.key not in changed]
    created = identifier_store.create_identifiers.call(rows=new, **at)
    await run_together(
        tx,
        customer_store.create_customers.call(rows=[_new_customer(c) for c in resolved.created.values()], **at),
        customer_store.move_all_members.call(rows=absorbed, **at),
        customer_store.move_members.call(rows=moved, **at),
        customer_store.end_customers.call(ids=sorted(resolved.ended), **at),
        customer_store.merge_customers.call(rows=merged, **at),
        customer_store.update_customers.call(rows=[_changed_customer(c) for c in resolved.updated.values()]),
        customer_store.touch_customers.call(rows=[{**_span(c), "id": c.id} for c in resolved.touched.values()]),
        created,
        identifier_store.update_identifiers.call(rows=[_changed_identifier(state, rules) for state in known], **at),
        identifier_store.touch_identifiers.call(rows=[{**_span(state), "ref": state.ref} for state in seen]),
    )
    if resolved.awaited:
        ids = sorted(resolved.awaited)
        await customer_store.await_customers(tx, ids=ids, rule_version=resolved.rule_version)
    return {key: state.ref for key, state in intake.identifiers.items()} | {row.key: row.ref for row in created.rows}


def link_calls(intake: Intake, resolved: Resolved, refs: dict[str, str]) -> tuple[Call[WriteTransaction, None], ...]:
    """Make the queries that write links and witnesses; identifiers are written by then."""
    links = intake.links
    new: list[NewLink] = [
        {
            **_span(link),
            "a": refs[link.a],
            "b": refs[link.b],
            "count": link.count,
            "sources": sorted(link.sources),
        }
        for link in links.new.values()
    ]
    known: list[ChangedLink] = [
        {**_span(link), "ref": links.refs[pair], "count": link.count, "sources": sorted(link.sources)}
        for pair, link in links.known.items()
    ]
    witnesses: list[NewWitness] = [
        {"a": a, "b": b, "witness": witness} for (a, b), witness in resolved.witnesses.items()
    ]
    return (
        link_store.delete_links.call(refs=list(links.removed.values())),
        link_store.create_links.call(rows=new),
        link_store.update_links.call(rows=known),
        link_store.drop_witnesses_of.call(keys=sorted(intake.newly_quarantined)),
        link_store.set_witnesses.call(rows=witnesses, **_at(resolved)),
    )


def change_call(resolved: Resolved, kind: TriggerKind, triggers: Sequence[str | None]) -> Call[WriteTransaction, None]:
    """Make the query that writes the changes down, the last of a transaction."""
    rows = [_new_change(change, kind, trigger) for change, trigger in zip(resolved.changes, triggers, strict=True)]
    return customer_store.create_changes.call(rows=rows, rule_version=resolved.rule_version, **_at(resolved))


def _at(resolved: Resolved) -> dict[str, int]:
    return {"at_s": seconds(resolved.at), "at_ns": nanoseconds(resolved.at)}


def _span(state: CustomerState | IdentifierState | Link) -> Span:
    first, last = state.first_seen, state.last_seen
    return {
        "first_s": seconds(first),
        "first_ns": nanoseconds(first),
        "last_s": seconds(last),
        "last_ns": nanoseconds(last),
    }


def _new_customer(customer: CustomerState) -> NewCustomer:
    return {
        **_span(customer),
        "id": customer.id,
        "size": customer.size,
        "counts": to_json(customer.counts),
        "contested": customer.contested or None,
        "contested_by_window": customer.contested_by_window or None,
        "judged": customer.judged or None,
        "rule_version": customer.rule_version,
    }


def _changed_customer(customer: CustomerState) -> ChangedCustomer:
    updated = customer.updated_at
    return {**_new_customer(customer), "updated_s": seconds(updated), "updated_ns": nanoseconds(updated)}


def _new_identifier(state: IdentifierState, resolved: Resolved, rules: RuleSet) -> NewIdentifier:
    rule = rules.get_namespace(state.identifier.namespace)
    return {
        **_span(state),
        "key": state.key,
        "label": rule.label,
        "namespace": state.identifier.namespace,
        "value": state.identifier.value,
        "partners": to_json(state.partners),
        "crowding": crowding_of(state.partners, rule),
        "quarantined": state.quarantined or None,
        "ambiguous": state.ambiguous or None,
        "judged": state.judged or None,
        "overruled": state.overruled or None,
        "customer_id": resolved.customer_of[state.key],
    }


def _changed_identifier(state: IdentifierState, rules: RuleSet) -> ChangedIdentifier:
    return {
        **_span(state),
        "ref": state.ref,
        "partners": to_json(state.partners),
        "crowding": crowding_of(state.partners, rules.get_namespace(state.identifier.namespace)),
        "quarantined": state.quarantined or None,
        "ambiguous": state.ambiguous or None,
        "judged": state.judged or None,
        "overruled": state.overruled or None,
    }


def _new_change(change: Change, kind: TriggerKind, trigger: str | None) -> NewChange:
    return {
        "id": new_id("chg"),
        "kind": change.kind,
        "customers": list(change.customers),
        "trigger_kind": kind,
        "trigger_id": trigger,
    }
