"""Unbinding: an event may say that its identifiers are nobody's from now on, as ``track_id_unbind`` does.

What was observed of such an identifier until then links it with nothing; what is observed later does again. That is a
judgement in the name of the event, written in the transaction of the event. It counts whatever came before it, and
whatever of earlier times comes after it.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from identity_graph.domain.identity.customers import TriggerKind
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.domain.values.pairs import Pair, pair_of
from identity_graph.service.identity.in_force import read_in_force
from identity_graph.service.identity.resolving import Resolved
from identity_graph.service.identity.revising import Revision, revise
from identity_graph.service.identity.writing import write_changes, write_resolution
from identity_graph.store.corrections import judgements as store
from identity_graph.store.corrections.judgements import NewUnbinding, SpanOfKey
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction

NEVER: Mapping[str, Instant] = {}

_REASON = "an event unbound it"


async def unbind(tx: WriteTransaction, events: Sequence[Event], regime: Regime) -> None:
    """Let new events unbind their identifiers; the events are written by now.

    Sources that may not say everything unbind nothing: whoever reads the key of a web page could tear customers apart.

    Raises:
        ConflictError: another writer changed what was read.
        OutdatedError: customers matter that are still to be resolved under the rules in force.
    """
    until: dict[str, Instant] = {}
    events = [event for event in events if event.source not in regime.rules.sources]
    if not events:
        return
    for event in events:
        for identifier in event.identifiers:
            until[identifier.key] = max(event.occurred_at, until.get(identifier.key, event.occurred_at))
    pairs = await list_pairs(tx, until)
    rows = [row for event in events for row in _rows_of(event, regime)]
    await store.create_unbindings(tx, rows=rows, at_s=seconds(regime.now), at_ns=nanoseconds(regime.now))
    if not until:
        return
    revision = Revision(pairs=pairs, keys=set(until))
    intake, resolved = await revise(tx, revision, regime)
    await write_resolution(tx, intake, resolved, regime, TriggerKind.OBSERVATION)
    await write_changes(tx, resolved, TriggerKind.OBSERVATION, _triggers(events, resolved))


async def list_pairs(tx: ReadTransaction, until: Mapping[str, Instant]) -> set[Pair]:
    """List the pairs whose evidence it changes that identifiers, each up to its moment, are unbound, or are not any more.

    What other unbindings in force cut before and after is left out, so that no event is looked at again and again.
    """
    others = (await read_in_force(tx, until)).unbound
    spans = {key: at for key, at in until.items() if others.get(key, at - 1) < at}
    return await list_seen_pairs(tx, spans, others) if spans else set()


async def list_seen_pairs(
    tx: ReadTransaction, until: Mapping[str, Instant], since: Mapping[str, Instant] = NEVER
) -> set[Pair]:
    """List the pairs of what was observed together, each identifier up to its moment, and after another if one is given."""
    rows = [_span_of(key, since.get(key), at) for key, at in until.items()]
    return {pair_of(row.key, row.other) for row in await store.list_seen_with(tx, rows=rows)}


def unbinding_id(event_id: str, raw: str) -> str:
    """Give the id of the judgement by which an event unbinds an identifier, as it came."""
    return "jdg_" + blake2b(f"{event_id} {raw}".encode(), digest_size=16).hexdigest()


def _span_of(key: str, since: Instant | None, until: Instant) -> SpanOfKey:
    return {
        "key": key,
        "since_s": None if since is None else seconds(since),
        "since_ns": None if since is None else nanoseconds(since),
        "until_s": seconds(until),
        "until_ns": nanoseconds(until),
    }


def _rows_of(event: Event, regime: Regime) -> list[NewUnbinding]:
    return [
        {
            "id": unbinding_id(event.id, raw.text),
            "a": raw.text,
            "key": read_key(raw.text, regime.rules),
            "until_s": seconds(event.occurred_at),
            "until_ns": nanoseconds(event.occurred_at),
            "reason": _REASON,
            "actor": event.source,
        }
        for raw in event.raw_identifiers
    ]


def _triggers(events: Sequence[Event], resolved: Resolved) -> list[str]:
    """Name for every change the first event that unbinds an identifier of one of its customers."""
    touching = [
        (event.id, {resolved.customer_of[i.key] for i in event.identifiers if i.key in resolved.customer_of})
        for event in events
    ]
    return [
        next((id for id, customers in touching if customers & set(change.customers)), events[0].id)
        for change in resolved.changes
    ]
