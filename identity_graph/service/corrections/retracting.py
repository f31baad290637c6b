"""Taking back: an observation that should not have been made, as one unit of work."""

from contextlib import suppress

from identity_graph.domain.identity.customers import TriggerKind
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.domain.values.observations import UNBIND, event_id
from identity_graph.errors import IdentityGraphError, NotFoundError
from identity_graph.service.commit.unbinding import unbinding_id
from identity_graph.service.consent.writing import recount_consents
from identity_graph.service.corrections.judging import AlreadyWithdrawnError, Statement, withdraw
from identity_graph.service.identity.revising import Revision, revise
from identity_graph.service.identity.writing import retire_identifiers, write_changes, write_resolution
from identity_graph.service.journeys.sessionizing import plan_removal, touch_sessions
from identity_graph.service.journeys.writing import write_sessions
from identity_graph.service.profiles.orders import refold_orders
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.collecting.readings import LockedEvent
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction


class AlreadyRetractedError(IdentityGraphError):
    """The observation was taken back before; nothing changed."""

    code = "ALREADY_RETRACTED"


async def retract(tx: WriteTransaction, source: str, message_id: str, actor: str, regime: Regime) -> list[str]:
    """Take an observation back, and return the keys of the identifiers that it observed and that are still known.

    It stays on record: when its message is sent again, that is a repeat.

    Raises:
        NotFoundError: there is no such observation.
        AlreadyRetractedError: it was taken back before.
        ConflictError: another writer changed what was read.
        OutdatedError: customers matter that are still to be resolved under the rules in force.
    """
    id = event_id(source, message_id)
    found = await reading_store.lock_event(tx, id=id)
    if not found:
        raise NotFoundError(
            f"No observation of the source {source!r} has this message id.", source=source, messageId=message_id
        )
    event = found[0]
    if event.is_retracted:
        raise AlreadyRetractedError(
            "This observation was already retracted; there is nothing to do.", source=source, messageId=message_id
        )
    if event.type == UNBIND:
        await _bind_again(tx, event, actor, regime)
    keys = tuple(sorted(event.keys))
    revision = Revision(event_ids=[id], observed=[keys])
    intake, resolved = await revise(tx, revision, regime)
    await write_resolution(tx, intake, resolved, regime, TriggerKind.RETRACTION)
    await reading_store.retract_event(tx, id=id, actor=actor, at_s=seconds(resolved.at), at_ns=nanoseconds(resolved.at))
    if event.visitor is not None:
        removal = await plan_removal(tx, event.visitor, event.occurred_at, regime.rules)
        touch_sessions(removal, regime, MarkCause.RETRACTION)
        await write_sessions(tx, removal)
    left = [key for key in keys if key not in intake.gone]
    if event.traits is not None and left:
        await recount_traits(tx, left, regime)
    if event.has_consents and left:
        await recount_consents(tx, left, regime)
    if event.order is not None:
        await refold_orders(tx, [event.order], regime)
    await retire_identifiers(tx, intake, resolved)
    triggers = [id] * len(resolved.changes)
    await write_changes(tx, resolved, TriggerKind.RETRACTION, triggers)
    return left


async def _bind_again(tx: WriteTransaction, event: LockedEvent, actor: str, regime: Regime) -> None:
    """Take back what the event unbound, unless a person did that before; what its source only claimed was never there."""
    said = Statement(reason="", actor=actor, regime=regime)
    for raw in event.identifiers:
        with suppress(AlreadyWithdrawnError, NotFoundError):
            await withdraw(tx, unbinding_id(event.id, raw), said)
