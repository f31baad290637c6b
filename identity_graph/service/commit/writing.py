"""Writing new events and what they change: rows of a few statements."""

from collections.abc import Sequence

from identity_graph.domain.identity.customers import TriggerKind
from identity_graph.domain.journeys.contexts import pack_context
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.identifiers import IgnoredIdentifier, RawIdentifier
from identity_graph.domain.values.observations import Event
from identity_graph.service.consent.writing import plan_consents
from identity_graph.service.identity.intake import Intake
from identity_graph.service.identity.resolving import Resolved
from identity_graph.service.identity.writing import change_call, link_calls, write_customers
from identity_graph.service.journeys.sessionizing import SessionChanges
from identity_graph.service.journeys.writing import place_calls, write_rows
from identity_graph.service.profiles.orders import order_call, read_reports, report_calls
from identity_graph.service.profiles.traits import MOST_TRAITS, NO_NAMESPACE, NewClaims, gather_claims, plan_tallies
from identity_graph.store.collecting import events as event_store
from identity_graph.store.collecting.events import NewEvent
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction, run_together
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import traits as trait_store
from identity_graph.store.profiles.traits import NewestTrait, NewTrait


async def write_taken_in(
    tx: WriteTransaction,
    events: Sequence[Event],
    intake: Intake,
    resolved: Resolved,
    journeys: SessionChanges,
    regime: Regime,
    triggers: Sequence[str | None],
) -> NewClaims:
    """Write all that new events bring, in three statements: what a later one refers to, an earlier one has written.

    Where events tell of orders, one more follows. The change log comes last in the transaction, as in ``write_changes``. The
    result counts what is claimed, and what is left out of traits and orders.
    """
    told = read_reports(events, regime.catalogue.commerce)
    refs = await write_customers(tx, intake, resolved, regime.rules)
    sessions = await write_rows(tx, journeys, *link_calls(intake, resolved, refs))
    rows = [
        _new_event(event, [refs[identifier.key] for identifier in event.identifiers], journeys, sessions)
        for event in events
    ]
    claims = gather_claims(events, regime)
    newest: list[NewestTrait] = [{**row, "identifier": refs[row["identifier"]]} for row in claims.rows()]
    tallies: list[NewTrait] = []
    if claims.added:
        known = {state.key for state in intake.identifiers.values() if state.customer_id is not None}
        tallies = await plan_tallies(tx, claims.added, known, regime)
    consents = await plan_consents(tx, events, regime) if any(event.consents for event in events) else ()
    owners = {row["identifier"] for row in newest} | {refs[row["identifier"]] for row in tallies}
    surplus = trait_store.drop_surplus.call(identifiers=sorted(owners), most=MOST_TRAITS)
    events_and_traits = (
        *place_calls(journeys, sessions),
        event_store.create_events.call(rows=rows),
        trait_store.put_newest_traits.call(rows=newest),
        *([trait_store.set_traits.call(rows=tallies)] if tallies else []),
        *consents,
        surplus,
    )
    changes = change_call(resolved, TriggerKind.OBSERVATION, triggers)
    if told is not None and told.reports:
        reported, found = report_calls(told)
        await run_together(tx, *events_and_traits, reported, found)
        await run_together(tx, order_call(told, found.rows, regime), changes)
    else:
        await run_together(tx, *events_and_traits, changes)
    if told is not None:
        claims.left_out.update(told.left_out)
    if dropped := surplus.rows[0].dropped:
        claims.left_out[NO_NAMESPACE, "too_many_traits"] += dropped
    return claims


def _new_event(event: Event, observed: list[str], journeys: SessionChanges, sessions: dict[str, str]) -> NewEvent:
    session_id = journeys.session_of.get(event.id)
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
        "context": pack_context(event.context),
        "observed": observed,
        "session": None if session_id is None else sessions[session_id],
        "owner": None if session_id is None else journeys.owner_of(session_id),
        "campaign": None if event.campaign is None else list(event.campaign),
        "consents": event.consents,
    }


def ignored_texts(ignored: Sequence[IgnoredIdentifier]) -> list[str]:
    """Write the values of an event that link nothing, each behind the reason."""
    return [f"{item.code} {RawIdentifier(item.namespace, item.value).text}" for item in ignored]
