"""Dead letters: messages that could not be accepted, kept with the reason, and tried again on request."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from identity_graph.domain.collecting.protocols import CHANGED_BY_A_RETRY, Protocol, read_message
from identity_graph.domain.collecting.segment.messages import Rejection, to_event
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.json_reader import read_json, write_json
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.service.commit.units import Units
from identity_graph.service.core import Service
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.collecting import dead_letters as store
from identity_graph.store.collecting.dead_letters import FailedAttempt, NewDeadLetter, StoredDeadLetter
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction

_ROWS_PER_TRANSACTION = 1000
_RETRIES_PER_TRANSACTION = 50


class Refused(NamedTuple):
    """A message that was refused, with all that reading it took."""

    message: object
    rejection: Rejection
    source: str
    received_at: Instant
    sent_at: object
    default_type: str | None
    protocol: Protocol = Protocol.SEGMENT


class RetryResult(NamedTuple):
    """How many dead letters were read again, were accepted, and were refused again."""

    retried: int
    succeeded: int
    failed: int


async def keep_dead_letters(units: Units, refused: Sequence[Refused]) -> int:
    """Store messages that were refused, count the new ones and return how many: what is sent again is kept once.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    rows = list({row["id"]: row for row in map(_row_of, refused)}.values())
    created = 0
    for start in range(0, len(rows), _ROWS_PER_TRANSACTION):
        part = rows[start : start + _ROWS_PER_TRANSACTION]

        async def create(tx: WriteTransaction, _: Regime, part: list[NewDeadLetter] = part) -> int:
            new = (await store.create_dead_letters(tx, rows=part))[0].created
            await counter_store.add_dead_lettered(tx, writer=units.writer, created=new)
            return new

        created += await units.run(create)
    return created


async def retry_dead_letters(service: Service, ids: Sequence[str] | None = None) -> RetryResult:
    """Read dead letters again, all of them without ``ids``; those that are accepted now are no dead letters any more.

    Times are kept: a message counts as received when it first was. Ids that name no dead letter are left out.

    Raises:
        GraphUnavailableError: Neo4j does not answer; what was accepted until then stays accepted.
    """
    retried = succeeded = 0
    after = ""
    remaining = None if ids is None else list(dict.fromkeys(ids))
    while True:
        if remaining is None:
            letters = await _read_after(service.graph, after)
            after = letters[-1].id if letters else after
            is_last = len(letters) < _RETRIES_PER_TRANSACTION
        else:
            letters = await _read_some(service.graph, remaining[:_RETRIES_PER_TRANSACTION])
            remaining = remaining[_RETRIES_PER_TRANSACTION:]
            is_last = not remaining
        retried += len(letters)
        succeeded += await _retry(service, letters) if letters else 0
        if is_last:
            return RetryResult(retried, succeeded, retried - succeeded)


async def _read_after(graph: Graph, after: str) -> list[StoredDeadLetter]:
    async def read(tx: ReadTransaction) -> list[StoredDeadLetter]:
        return await store.list_dead_letters(tx, after=after, limit=_RETRIES_PER_TRANSACTION)

    return await graph.read(read)


async def _read_some(graph: Graph, ids: list[str]) -> list[StoredDeadLetter]:
    async def read(tx: ReadTransaction) -> list[StoredDeadLetter]:
        return await store.find_dead_letters(tx, ids=ids)

    return await graph.read(read)


async def _retry(service: Service, letters: list[StoredDeadLetter]) -> int:
    """Commit what is readable now, then drop it from the dead letters: a crash in between leaves a known duplicate."""
    failures: list[FailedAttempt] = []
    events: list[Event] = []
    event_letters: list[str] = []
    for letter in letters:
        read = read_message(
            Protocol(letter.protocol or Protocol.SEGMENT),
            read_json(letter.raw.encode()),
            source=letter.source,
            received_at=letter.received_at,
            sent_at=None if letter.sent_at is None else read_json(letter.sent_at.encode()),
            default_type=letter.type_hint,
            keep_ip=service.settings.keep_ip,
        )
        if isinstance(read, Rejection):
            failures.append({"id": letter.id, "last_error": f"{read.code}: {read.reason}"})
        else:
            events.append(to_event(read, service.rules))
            event_letters.append(letter.id)
    accepted: list[str] = []
    if events:
        for id, result in zip(event_letters, await service.committer.commit(events), strict=True):
            if result.error is None:
                accepted.append(id)
            else:
                failures.append({"id": id, "last_error": result.error})

    async def settle(tx: WriteTransaction) -> None:
        await store.delete_dead_letters(tx, ids=accepted)
        await store.update_dead_letters(tx, rows=failures)

    await service.graph.write(settle)
    return len(accepted)


def _row_of(refused: Refused) -> NewDeadLetter:
    return {
        "id": _derive_id(refused),
        "code": refused.rejection.code,
        "reason": refused.rejection.reason,
        "source": refused.source,
        "raw": write_json(refused.message),
        "type_hint": refused.default_type,
        "sent_at": None if refused.sent_at is None else write_json(refused.sent_at),
        "protocol": None if refused.protocol is Protocol.SEGMENT else refused.protocol.value,
        "received_s": seconds(refused.received_at),
        "received_ns": nanoseconds(refused.received_at),
    }


def _derive_id(refused: Refused) -> str:
    """Derive the id from the source and from what the message says, less what a retry of the sender changes."""
    said = refused.message
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if name not in CHANGED_BY_A_RETRY[refused.protocol]}
    text = f"{len(refused.source)}:{refused.source}{refused.default_type or ''}\n{write_json(said)}"
    return "dlq_" + blake2b(text.encode(), digest_size=16).hexdigest()
