"""Erasing a customer: all that came of the person goes, in one unit of work, and what others keep is derived anew."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from identity_graph.domain.activation.destinations import MessageKind
from identity_graph.domain.activation.messages import message_id, write_erasure
from identity_graph.domain.audit.chain import GENESIS
from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.domain.identity.customers import Change, ChangeKind, TriggerKind
from identity_graph.domain.privacy.mentions import mentions
from identity_graph.domain.privacy.preserving import Preserve
from identity_graph.domain.privacy.receipts import Receipt
from identity_graph.domain.privacy.tombstones import bury_event, bury_identifier
from identity_graph.domain.profiles.inputs import EVERYTHING
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.sources import CLAIMED
from identity_graph.errors import NotFoundError
from identity_graph.service.activation.outbox import new_delivery
from identity_graph.service.consent.writing import recount_consents
from identity_graph.service.identity.intake import Intake
from identity_graph.service.identity.resolving import Resolved
from identity_graph.service.identity.revising import Revision, revise
from identity_graph.service.identity.writing import retire_identifiers, write_changes, write_resolution
from identity_graph.service.journeys.recutting import recut_sessions
from identity_graph.service.new_ids import new_id
from identity_graph.service.privacy.preserving import preserve_orders, read_orders
from identity_graph.service.profiles.orders import refold_orders
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.access.keys import save_secret
from identity_graph.store.activation.deliveries import NewDelivery, create_deliveries
from identity_graph.store.audit.log import find_head
from identity_graph.store.collecting.counters import lock_counters
from identity_graph.store.collecting.dead_letters import delete_dead_letters
from identity_graph.store.customers.customers import list_merged_ids
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.privacy import erasing as store
from identity_graph.store.privacy import requests as request_store
from identity_graph.store.privacy import tombstones as tombstone_store
from identity_graph.store.privacy.erasing import OwnedEvent, ToldCustomer

SALT = "tombstones"
"""The secret that tombstones are hashed with; it is there once somebody was erased."""

_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is erased: a customer, and which of its identifiers go and which stay, since others use them, too.

    ``claiming`` are events of others that claim one that goes, by a source that may not say so.
    """

    customer_id: str
    ids: list[str]
    keys: list[str]
    shared: list[str]
    claiming: list[OwnedEvent]

    @property
    def own(self) -> list[str]:
        """The identifiers that nobody else uses."""
        return [key for key in self.keys if key not in self.shared]


async def find_subject(tx: ReadTransaction, key: str) -> Subject:
    """Find the customer of an identifier, with all ids that lead to it.

    Raises:
        NotFoundError: the identifier is unknown.
    """
    owners = await customer_store.find_owners(tx, keys=[key])
    if not owners:
        raise NotFoundError("There is no such identifier, so there is nobody to erase.")
    id = owners[0].customer_id
    merged = [row.merged_id for row in await list_merged_ids(tx, customer_ids=[id])]
    keys = sorted(row.key for row in await customer_store.list_members(tx, ids=[id]))
    shared = [row.key for row in await store.list_shared_keys(tx, keys=keys, but=[])]
    subject = Subject(id, [id, *merged], keys, shared, [])
    while True:  # without the events that claim what goes, others may show fewer of the identifiers
        items = [f"{CLAIMED} {key}" for key in subject.own]
        claiming = await store.list_claiming_events(tx, items=items, keys=keys)
        if len(claiming) == len(subject.claiming):
            return subject
        still = await store.list_shared_keys(tx, keys=keys, but=[row.id for row in claiming])
        subject = replace(subject, shared=[row.key for row in still], claiming=claiming)


async def erase(
    tx: WriteTransaction, key: str, regime: Regime, signer: Signer, preserve: Preserve | None = None
) -> Receipt:
    """Erase the customer of an identifier, and return the receipt.

    ``preserve`` says what is kept of orders, without the person; None: nothing.

    It waits for all units of work that began before, and those that begin later see its tombstones. So nothing that is
    taken in meanwhile brings the person back.

    Raises:
        NotFoundError: the identifier is unknown.
        ConflictError: another writer changed what was read.
        OutdatedError: customers matter that are still to be resolved under the rules in force.
    """
    await lock_counters(tx)
    subject = await find_subject(tx, key)
    events = await store.list_owned_events(tx, keys=subject.keys)
    if not subject.own and not events:
        raise NotFoundError(
            "Other customers use all identifiers of this one, and no event is its own. There is nothing to erase that is not theirs, "
            "too: retract the events that name the person."
        )
    events += subject.claiming
    told = await store.list_told(tx, ids=subject.ids)
    await store.delete_messages(tx, ids=subject.ids)
    await store.delete_traces(tx, ids=subject.ids)
    spelled = _spelled(events, subject, regime)
    retracted = [row for row in await store.list_retracted_events(tx) if _names(row.identifiers, subject, regime)]
    spelled.update(
        _values(raw for row in retracted for raw in row.identifiers if read_key(raw, regime.rules) in subject.own)
    )
    await _delete_dead_letters(tx, spelled)
    orders = await read_orders(tx, events, preserve)
    intake, resolved = await _delete_events(tx, subject, events, regime)
    await store.delete_events(tx, ids=[row.id for row in retracted])
    gone = sorted(set(subject.keys) & intake.gone)
    ids = [row.id for row in events] + [row.id for row in retracted]
    await _clear_requests(tx, subject, regime)
    await _bury(tx, gone, ids, resolved)
    preserved = await preserve_orders(tx, orders, spelled, preserve, regime) if preserve is not None else 0
    receipt = await _write_receipt(tx, (len(gone), len(ids), preserved), resolved, signer)
    await write_changes(tx, resolved, TriggerKind.ERASURE, [receipt.id] * len(resolved.changes))
    await create_deliveries(tx, rows=[_tell(row, receipt) for row in told])
    return receipt


async def _delete_events(
    tx: WriteTransaction, subject: Subject, events: list[OwnedEvent], regime: Regime
) -> tuple[Intake, Resolved]:
    """Delete the events and what follows from them, and derive anew what remains."""
    pairs = await store.delete_judgements(tx, keys=subject.own) if subject.own else []
    others = {key for pair in pairs for key in (pair.a, pair.b) if key is not None} - set(subject.own)
    known = {row.key for row in await customer_store.find_owners(tx, keys=sorted(others))} if others else set[str]()
    revision = Revision(
        event_ids=[row.id for row in events],
        observed=[tuple(sorted(row.keys)) for row in events],
        keys=known | set(subject.keys),
    )
    intake, resolved = await revise(tx, revision, regime)
    resolved = replace(resolved, changes=_as_erased(resolved.changes, subject))
    await write_resolution(tx, intake, resolved, regime, TriggerKind.ERASURE)
    await store.delete_events(tx, ids=[row.id for row in events])
    visitors = sorted({row.visitor for row in events if row.visitor is not None})
    for row in await store.list_session_owners(tx, visitors=visitors) if visitors else []:
        regime.touched.touch_key(row.key, (EVERYTHING,), regime.now, MarkCause.ERASURE)
    await recut_sessions(tx, visitors, regime.rules)
    if left := {key for row in events if row.has_traits for key in row.keys} - intake.gone:
        await recount_traits(tx, left, regime)
    if left := {key for row in events if row.has_consents for key in row.keys} - intake.gone:
        await recount_consents(tx, left, regime)
    await refold_orders(tx, (row.order for row in events if row.order is not None), regime)
    await retire_identifiers(tx, intake, resolved)
    await store.delete_former_identifiers(tx, ids=subject.ids, keys=subject.own)
    return intake, resolved


async def _delete_dead_letters(tx: WriteTransaction, values: set[str]) -> None:
    """Delete the messages that could not be accepted and name the person."""
    found = await store.list_suspect_dead_letters(tx, texts=sorted(values)) if values else []
    ids = [row.id for row in found if mentions(row.raw, values) or mentions(row.reason, values)]
    if ids:
        await delete_dead_letters(tx, ids=ids)


async def _clear_requests(tx: WriteTransaction, subject: Subject, regime: Regime) -> None:
    """Forget whom privacy requests were about; that there were such requests stays known."""
    rows = await request_store.list_subjects(tx)
    ids = [row.id for row in rows if read_key(row.subject, regime.rules) in subject.own]
    if ids:
        await request_store.clear_requests(tx, ids=ids)


async def _bury(tx: WriteTransaction, keys: list[str], ids: list[str], resolved: Resolved) -> None:
    ((salt,),) = await save_secret(tx, name=SALT, secret=secrets.token_hex(_SALT_BYTES))
    hashes = [*(bury_identifier(salt, key) for key in keys), *(bury_event(salt, id) for id in ids)]
    await tombstone_store.create_tombstones(
        tx, hashes=hashes, at_s=seconds(resolved.at), at_ns=nanoseconds(resolved.at)
    )


async def _write_receipt(
    tx: WriteTransaction, counts: tuple[int, int, int], resolved: Resolved, signer: Signer
) -> Receipt:
    """Keep the receipt; ``counts`` are the identifiers and events that are gone, and the orders that are kept."""
    identifiers, events, preserved = counts
    head = await find_head(tx)
    entries, root = (head[0].length, head[0].root or GENESIS) if head else (0, GENESIS)
    receipt = Receipt(new_id("rcp"), resolved.at, identifiers, events, preserved, entries, root)
    await tombstone_store.create_receipt(
        tx,
        id=receipt.id,
        at_s=seconds(resolved.at),
        at_ns=nanoseconds(resolved.at),
        identifiers=identifiers,
        events=events,
        preserved_orders=preserved,
        signature=receipt.signed(signer),
    )
    return receipt


def _tell(told: ToldCustomer, receipt: Receipt) -> NewDelivery:
    """Tell a destination, whatever kinds of messages it asked for, to forget whom it was told of."""
    destination, customer = told
    return new_delivery(
        message_id(destination, "erased", customer, receipt.id),
        destination,
        MessageKind.CUSTOMER_ERASED,
        customer,
        write_erasure(customer, receipt.id, receipt.erased_at),
        receipt.erased_at,
    )


def _as_erased(changes: list[Change], subject: Subject) -> list[Change]:
    """Tell of the customer that it was erased, rather than that its identifiers are gone."""
    others = [change for change in changes if change.customers != (subject.customer_id,)]
    return [Change(ChangeKind.ERASED, (subject.customer_id,)), *others]


def _spelled(events: list[OwnedEvent], subject: Subject, regime: Regime) -> set[str]:
    """Give the values of the identifiers that go, in every spelling in which they came."""
    own = set(subject.own)
    return _values(own) | _values(
        raw for row in events for raw in row.identifiers if read_key(raw, regime.rules) in own
    )


def _names(identifiers: list[str], subject: Subject, regime: Regime) -> bool:
    return any(read_key(raw, regime.rules) in subject.own for raw in identifiers)


def _values(keys: Iterable[str]) -> set[str]:
    return {key.partition(":")[2] for key in keys} - {""}
