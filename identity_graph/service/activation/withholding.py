"""Looking again before something is sent: whoever does not permit the purpose any more is not told of.

An exit is told even of somebody who permits nothing, since it takes them out; but not where the entry before it was withheld.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from identity_graph.domain.activation.destinations import ENTRY_WITHHELD, MessageKind
from identity_graph.domain.activation.messages import message_id
from identity_graph.domain.consent.permission import Refusal, may_use, say_refusal
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.rules.file import parse_stored_rules
from identity_graph.domain.values.instants import parse_instant
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.service.consent.reading import read_people
from identity_graph.service.profiles.catalogues import get_catalogue, read_version
from identity_graph.service.reads import Reads
from identity_graph.store.activation.deliveries import find_withheld
from identity_graph.store.customers.customers import find_barred, find_customers
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.rules.rule_sets import find_rule_set
from identity_graph.store.segments.segments import find_segments

_KNOWN_SECONDS = 1.0
"""For so long it is remembered which purpose a segment has."""

_OF_SEGMENTS = frozenset({MessageKind.SEGMENT_ENTERED.value, MessageKind.SEGMENT_EXITED.value})
_BEGINS = '{"type":"segment.'


class Receiver(NamedTuple):
    """A destination: its id, the region in which it keeps what it gets, and the channel through which it contacts people."""

    id: str
    region: str | None
    channel: Channel | None


class Letter(NamedTuple):
    """A message that is about to be sent."""

    id: str
    payload: str


class Withheld(NamedTuple):
    """Why a message is not sent, as a code and in words; of an entry, the key of what is known to be told, and when it was."""

    reason: str
    text: str
    told: str | None = None
    at: Instant = 0


class _Told(NamedTuple):
    letter: Letter
    is_entry: bool
    segment: str
    customer: str
    number: int
    at: Instant


@dataclass
class Withholding:
    """Looks for what must not be sent; ``purposes`` are those of segments, as far as they are known for now."""

    graph: Graph
    _purposes: dict[str, tuple[float, str | None]] = field(default_factory=dict[str, tuple[float, str | None]])
    _in_force: dict[tuple[int, int], InForce] = field(default_factory=dict[tuple[int, int], InForce])

    async def find(self, letters: Sequence[Letter], receiver: Receiver, now: Instant) -> Mapping[str, Withheld]:
        """Tell which of some messages must not be sent, by their ids: none about whoever is barred but exits and erasures."""
        told = [one for letter in letters if (one := _read(letter)) is not None]
        barred = await self._of_barred(letters, told, receiver)
        purposes = await self._purposes_of({one.segment for one in told})
        exits = [one for one in told if not one.is_entry]
        told = [one for one in told if purposes.get(one.segment) is not None]
        entries = [one for one in told if one.is_entry and one.letter.id not in barred]
        found = await self._of_exits(exits, receiver) if exits else {}
        return barred | found | (await self._of_entries(entries, purposes, receiver, now) if entries else {})

    async def _of_barred(
        self, letters: Sequence[Letter], told: Sequence[_Told], receiver: Receiver
    ) -> dict[str, Withheld]:
        about = {one.letter.id: one for one in told}
        customers = {letter.id: id for letter in letters if (id := _customer_of(letter)) is not None}
        if not customers:
            return {}
        rows = await Reads(self.graph, of_case=True).run(find_barred.call(ids=sorted(set(customers.values()))))
        bars = {row.asked_id: Refusal(row.bar) for row in rows}
        found: dict[str, Withheld] = {}
        for letter, customer in customers.items():
            entry, refusal = about.get(letter), bars.get(customer)
            if refusal is not None and (entry is None or entry.is_entry):
                text = f"Withheld: {say_refusal(refusal)}."
                key = None if entry is None else f"{receiver.id}/{entry.segment}/{customer}"
                found[letter] = Withheld(refusal.value, text, key, 0 if entry is None else entry.at)
        return found

    async def _of_entries(
        self, entries: Sequence[_Told], purposes: Mapping[str, str | None], receiver: Receiver, now: Instant
    ) -> dict[str, Withheld]:
        in_force = await self.graph.read(self._read_in_force)
        reads = Reads(self.graph, of_case=True)
        asked = sorted({one.customer for one in entries})
        living = {row.asked_id: row.id for row in await reads.run(find_customers.call(ids=asked))}
        ids = sorted(set(living.values()))
        people = dict(zip(ids, await read_people(reads, ids, in_force), strict=True))
        found: dict[str, Withheld] = {}
        for one in entries:
            purpose = purposes[one.segment] or ""
            if one.customer not in living:
                found[one.letter.id] = _withheld(Refusal.NOT_ASKED, purpose, one, receiver)
                continue
            refusal = may_use(
                people[living[one.customer]],
                purpose,
                receiver.channel,
                now,
                in_force.catalogue.consent,
                destination=receiver.region or "",
            ).refusal
            if refusal is not None:
                found[one.letter.id] = _withheld(refusal, purpose, one, receiver)
        return found

    async def _of_exits(self, exits: Sequence[_Told], receiver: Receiver) -> dict[str, Withheld]:
        before = {
            message_id(receiver.id, "segment", one.segment, one.customer, one.number - 1): one.letter.id
            for one in exits
        }
        rows = await self.graph.read(lambda tx: find_withheld(tx, ids=sorted(before))) if before else []
        text = "Withheld: the destination was not told of the entry either."
        return {before[row.id]: Withheld(ENTRY_WITHHELD, text) for row in rows}

    async def _purposes_of(self, segments: set[str]) -> Mapping[str, str | None]:
        now = time.monotonic()
        known = {id: entry for id, entry in self._purposes.items() if now - entry[0] < _KNOWN_SECONDS}
        missing = sorted(segments - known.keys())
        if missing:
            rows = await self.graph.read(lambda tx: find_segments(tx, ids=missing))
            purposes = {row.id: row.purpose for row in rows}
            known |= {id: (now, purposes.get(id)) for id in missing}
        self._purposes = known
        return {id: known[id][1] for id in segments}

    async def _read_in_force(self, tx: ReadTransaction) -> InForce:
        (rules,), catalogue = await find_rule_set(tx), await get_catalogue(tx)
        key = (rules.version, catalogue.version)
        if key not in self._in_force:
            parsed = parse_stored_rules(rules.yaml, name=f"rules version {rules.version}")
            own = await read_version(tx, catalogue.version)
            self._in_force = {key: InForce(parsed, rules.version, own, catalogue.version)}
        return self._in_force[key]


def _read(letter: Letter) -> _Told | None:
    """Read what a message tells of a segment; None for one that tells of something else."""
    if not letter.payload.startswith(_BEGINS):
        return None
    message: dict[str, Any] = orjson.loads(letter.payload)
    if message["type"] not in _OF_SEGMENTS:
        return None
    data = message["data"]
    is_entry = message["type"] == MessageKind.SEGMENT_ENTERED.value
    return _Told(letter, is_entry, data["segment"], data["customer"], data["number"], parse_instant(data["at"]))


def _customer_of(letter: Letter) -> str | None:
    """Read whom a message is about; None for an erasure, which is told in any case, and for one about nobody."""
    message: dict[str, Any] = orjson.loads(letter.payload)
    return None if message["type"] == MessageKind.CUSTOMER_ERASED.value else message["data"].get("customer")


def _withheld(refusal: Refusal, purpose: str, told: _Told, receiver: Receiver) -> Withheld:
    text = f"Withheld: {say_refusal(refusal)} ({purpose})."
    return Withheld(refusal.value, text, f"{receiver.id}/{told.segment}/{told.customer}", told.at)
