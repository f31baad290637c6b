"""Rows that are imported again: which of them say something new, and which messages that takes back.

A row of a known id whose content is new becomes a message of its own: the second one of ``A-1`` is ``A-1~2``. What is to
be taken back is noted before anything is sent, so that a run that was killed is made good by the next.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from identity_graph.domain.collecting.segment.messages import Rejection, extract
from identity_graph.domain.values.observations import Instant, event_id
from identity_graph.errors import NotFoundError
from identity_graph.files.mapping import ChangedRows
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import CollectReport, collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from identity_graph.service.corrections.retracting import AlreadyRetractedError
from identity_graph.store.collecting import events as event_store
from identity_graph.store.collecting import imported_rows as row_store
from identity_graph.store.collecting.imported_rows import ChangedRow, StoredRow
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction

_REVISION = "~"


class SaidRow(NamedTuple):
    """What a row says under one message id: a hash of it, None when the file says nothing of that any more."""

    message_id: str
    content: str | None


class Said(NamedTuple):
    """What a row of a file says, or does not say, under one of its message ids: the place of the message in its batch.

    ``place`` None: it makes no such message. ``has_own_time``: its time is in the row and not that of the file.
    """

    message_id: str
    place: int | None
    has_own_time: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What became of rows: the id that each message goes by, in their order, and what is to be taken back, by row."""

    message_ids: list[str | None]
    superseded: dict[str, list[str]]


class RowChanges:
    """Sends the messages of rows, each under the id of what the row says now, and takes back what that replaces."""

    def __init__(self, service: Service, source: str, changed_rows: ChangedRows, actor: str) -> None:
        self._service = service
        self._source = source
        self._changed_rows = changed_rows
        self._actor = actor

    async def send(self, messages: list[Any], said: Sequence[Said], received_at: Instant) -> CollectReport:
        """Store the messages of rows; on return what they replace is taken back.

        A message that cannot be read changes nothing: what its row said before stays.

        Raises:
            GraphUnavailableError: Neo4j does not answer; sending all again is right.
        """
        source = self._source
        unreadable = {
            place
            for place, message in enumerate(messages)
            if isinstance(extract(message, source=source, received_at=received_at), Rejection)
        }
        told = [one for one in said if one.place not in unreadable]
        rows = [
            SaidRow(
                one.message_id,
                None if one.place is None else hash_content(messages[one.place], with_time=one.has_own_time),
            )
            for one in told
        ]
        plan = await plan_rows(self._service, source, rows, self._changed_rows)
        for one, message_id in zip(told, plan.message_ids, strict=True):
            if one.place is not None:
                messages[one.place]["messageId"] = message_id
        collected = await collect(self._service, messages, source=source, received_at=received_at)
        kept = {
            row_key(source, one.message_id)
            for one in told
            if one.place is not None and isinstance(collected.results[one.place], Rejection)
        }
        superseded = {key: ids for key, ids in plan.superseded.items() if key not in kept}
        await take_back(self._service, source, superseded, self._actor)
        return collected


def hash_content(message: dict[str, Any], *, with_time: bool) -> str:
    """Hash what a message says; ``with_time`` False where its time is that of the file and says nothing of the row."""
    left_out = {"messageId"} if with_time else {"messageId", "timestamp"}
    said = {name: value for name, value in message.items() if name not in left_out}
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str), digest_size=16).hexdigest()


def row_key(source: str, message_id: str) -> str:
    """Name the record of a row: a hash, since what identifies a row may be personal."""
    return blake2b(orjson.dumps([source, message_id]), digest_size=16).hexdigest()


async def plan_rows(service: Service, source: str, rows: Sequence[SaidRow], changed_rows: ChangedRows) -> Plan:
    """Find out what rows say that is new, and note it together with what that takes back.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """

    async def unit(tx: WriteTransaction) -> Plan:
        return await _plan(tx, source, rows, changed_rows)

    return await service.graph.write(unit)


async def take_back(service: Service, source: str, superseded: dict[str, list[str]], actor: str) -> int:
    """Take back the messages that rows have replaced, and return how many there were.

    Raises:
        GraphUnavailableError: Neo4j does not answer; the next import of the row takes back what is left.
    """
    if not superseded:
        return 0
    count = 0
    for message_ids in superseded.values():
        for message_id in message_ids:
            with suppress(NotFoundError, AlreadyRetractedError):
                await retract_observation(service, source, message_id, actor)
                count += 1

    async def settle(tx: WriteTransaction) -> None:
        await row_store.settle_imported_rows(tx, rows=[{"key": key, "done": done} for key, done in superseded.items()])

    await service.graph.write(settle)
    return count


async def _plan(tx: WriteTransaction, source: str, rows: Sequence[SaidRow], changed_rows: ChangedRows) -> Plan:
    key_of = {row.message_id: row_key(source, row.message_id) for row in rows}
    said = sorted({key_of[row.message_id] for row in rows if row.content is not None})
    await row_store.create_imported_rows(tx, keys=said)
    states = {row.key: row for row in await row_store.lock_imported_rows(tx, keys=sorted(set(key_of.values())))}
    new = {row.message_id for row in rows if (state := states.get(key_of[row.message_id])) and state.revision == 0}
    known = await _find_known(tx, source, new)
    stored = dict(states)
    message_ids: list[str | None] = []
    for row in rows:
        key = key_of[row.message_id]
        state = states.get(key)
        if state is not None:
            states[key] = state = say(state, row, changed_rows, is_known=row.message_id in known)
        message_ids.append(None if state is None or row.content is None else state.message_id)
    now = now_instant()
    changed: list[ChangedRow] = [
        {**state._asdict(), "at_s": seconds(now), "at_ns": nanoseconds(now)}  # pyright: ignore[reportAssignmentType]
        for key, state in states.items()
        if state != stored[key]
    ]
    await row_store.update_imported_rows(tx, rows=changed)
    return Plan(message_ids, {key: state.superseded for key, state in states.items() if state.superseded})


def say(state: StoredRow, row: SaidRow, changed_rows: ChangedRows, *, is_known: bool) -> StoredRow:
    """Say what is stored of a row after it said something; ``is_known``: a message of its id came without its record."""
    if row.content == state.content:
        return state
    replaced = [state.message_id] if state.message_id is not None and state.content is not None else []
    if is_known and state.revision == 0:
        replaced = [row.message_id]
    superseded = [*state.superseded, *(replaced if changed_rows is ChangedRows.REPLACE else [])]
    if row.content is None:
        return state if changed_rows is ChangedRows.ADD else state._replace(content=None, superseded=superseded)
    revision = state.revision + (2 if is_known and state.revision == 0 else 1)
    message_id = row.message_id if revision == 1 else f"{row.message_id}{_REVISION}{revision}"
    return StoredRow(state.key, row.content, revision, message_id, superseded)


async def _find_known(tx: WriteTransaction, source: str, message_ids: set[str]) -> set[str]:
    """Find those of which an event is stored, as of an import that did not follow changes."""
    ids = {event_id(source, message_id): message_id for message_id in sorted(message_ids)}
    return {ids[row.id] for row in await event_store.find_events(tx, ids=list(ids))}
