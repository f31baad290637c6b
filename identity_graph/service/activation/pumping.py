"""Delivering what is due for one destination, several messages at a time, until nothing is left."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import uuid4

from identity_graph.domain.activation.retrying import Attempt, Outcome, next_attempt
from identity_graph.domain.activation.signing import signing_secrets
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.errors import GraphUnavailableError, UnwritableError
from identity_graph.service.activation.metrics import DeliveryMetrics
from identity_graph.service.activation.sending import ATTEMPT_SECONDS, Message, Sender, Target
from identity_graph.service.activation.withholding import Letter, Receiver, Withheld, Withholding
from identity_graph.store.activation.deliveries import Settled, claim_deliveries, settle_deliveries
from identity_graph.store.activation.destinations import (
    WithheldEntry,
    disable_destination,
    forget_withheld_entries,
    lock_target,
)
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction, run_together

PARALLEL = 16
"""Messages that are under way to one destination at the same time; they are of different customers."""

LEASE: Instant = int(2 * ATTEMPT_SECONDS * 1_000_000)
"""After so long a message counts as not delivered whose process does not say what became of it."""

_LOOK = 64
_WAIT_SECONDS = 1.0


class _Taken(NamedTuple):
    message: Message
    attempts: int


class _Result(NamedTuple):
    taken: _Taken
    attempt: Attempt
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a turn took. ``looked``: it saw something that was due, so there may be more."""

    target: Target | None
    receiver: Receiver
    taken: list[_Taken]
    looked: bool


class Pump:
    """Delivers to one destination. Ends when nothing is due, when it is switched off, or when it asks to be left alone."""

    def __init__(
        self,
        graph: Graph,
        destination_id: str,
        *,
        allow_private: bool,
        metrics: DeliveryMetrics,
        clock: Callable[[], Instant],
    ) -> None:
        self._graph = graph
        self._metrics = metrics
        self._id = destination_id
        self._clock = clock
        self._allow_private = allow_private
        self._claim = uuid4().hex
        self._withholding = Withholding(graph)

    async def run(self) -> Instant:
        """Deliver; return until when the destination asked to be left alone, a time that is past if it did not."""
        left_alone: Instant = 0
        under_way: set[asyncio.Task[_Result]] = set()
        done: list[_Result] = []
        async with Sender(connections=PARALLEL, allow_private=self._allow_private) as sender:
            try:
                while True:
                    rests = left_alone > self._clock()
                    room = 0 if rests else PARALLEL - len(under_way)
                    turn = await self._take_turn(done, room)
                    done = []
                    if turn.target is not None and turn.taken:
                        withheld = await self._find_withheld(turn)
                        for taken in turn.taken:
                            if (kept := withheld.get(taken.message.id)) is not None:
                                attempt = Attempt(outcome=Outcome.WITHHELD, error=kept.text)
                                self._metrics.observe(attempt)
                                done.append(_Result(taken, attempt, kept))
                            else:
                                send = self._send(sender, turn.target, taken)
                                under_way.add(asyncio.create_task(send, name="webhook"))
                    if done:
                        continue
                    if not under_way:
                        if rests or not turn.looked:
                            return left_alone
                        continue
                    if turn.looked and not turn.taken and len(under_way) < PARALLEL:
                        continue  # what was due was put off behind others; there may be more
                    finished, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    done = [task.result() for task in finished]
                    left_alone = max(left_alone, *(self._asked_until(result.attempt) for result in done))
            finally:
                for task in under_way:
                    task.cancel()
                await asyncio.gather(*under_way, return_exceptions=True)

    def _asked_until(self, attempt: Attempt) -> Instant:
        return 0 if attempt.wait is None else self._clock() + attempt.wait

    async def _send(self, sender: Sender, target: Target, taken: _Taken) -> _Result:
        began = time.monotonic()
        attempt = await sender.send(target, taken.message, self._clock())
        self._metrics.observe(attempt, time.monotonic() - began)
        return _Result(taken, attempt)

    async def _find_withheld(self, turn: _Turn) -> Mapping[str, Withheld]:
        """Look what must not be sent any more; waits while Neo4j is away, and nothing is sent meanwhile."""
        letters = [Letter(taken.message.id, taken.message.payload) for taken in turn.taken]
        while True:
            try:
                return await self._withholding.find(letters, turn.receiver, self._clock())
            except UnwritableError:
                raise
            except GraphUnavailableError:
                await asyncio.sleep(_WAIT_SECONDS)

    async def _take_turn(self, done: Sequence[_Result], room: int) -> _Turn:
        """Write down what is done and take what is due, in one transaction; waits while Neo4j is away."""
        now = self._clock()
        rows = [self._settled(result, now) for result in done]
        forgotten: list[WithheldEntry] = [
            {"key": one.told, "at_s": seconds(one.at), "at_ns": nanoseconds(one.at)}
            for result in done
            if (one := result.withheld) is not None and one.told is not None
        ]
        gone = any(result.attempt.outcome is Outcome.GONE for result in done)

        async def work(tx: WriteTransaction) -> _Turn:
            target = lock_target.call(id=self._id)
            if gone:
                await disable_destination(
                    tx, id=self._id, reason="It answered 410 Gone.", at_s=seconds(now), at_ns=nanoseconds(now)
                )
            await run_together(tx, target, settle_deliveries.call(rows=rows))
            if forgotten:
                await forget_withheld_entries(tx, rows=forgotten)
            if not target.rows or not room:
                return _Turn(None, Receiver(self._id, None, None), [], looked=False)
            (found,) = target.rows
            until = now + LEASE
            claimed = await claim_deliveries(
                tx,
                destination_id=self._id,
                claim=self._claim,
                look=_LOOK,
                limit=room,
                now_s=seconds(now),
                now_ns=nanoseconds(now),
                until_s=seconds(until),
                until_ns=nanoseconds(until),
            )
            former = list(zip(found.former_secrets, found.former_until, strict=True))
            return _Turn(
                Target(found.url, signing_secrets(found.secret, former, now)),
                Receiver(self._id, found.region, None if found.channel is None else Channel(found.channel)),
                [
                    _Taken(Message(row.id, row.payload), row.attempts)
                    for row in claimed
                    if row.is_taken and row.payload is not None
                ],
                looked=bool(claimed),
            )

        while True:
            try:
                return await self._graph.write(work)
            except UnwritableError:
                raise
            except GraphUnavailableError:
                await asyncio.sleep(_WAIT_SECONDS)

    def _settled(self, result: _Result, now: Instant) -> Settled:
        taken, attempt, withheld = result
        failures = 1 if attempt.outcome is Outcome.FAILED else 0
        due = None
        if attempt.outcome is Outcome.FAILED:
            due = next_attempt(taken.attempts + 1, now, chance=random.random(), wait=attempt.wait)  # noqa: S311 - jitter
        elif attempt.outcome is Outcome.GONE:
            due = now  # it waits until the destination is switched on again
        return {
            "id": taken.message.id,
            "claim": self._claim,
            "failures": failures,
            "status": attempt.status,
            "error": attempt.error,
            "is_delivered": attempt.outcome is Outcome.DELIVERED,
            "withheld": None if withheld is None else withheld.reason,
            "at_s": seconds(now),
            "at_ns": nanoseconds(now),
            "due_s": None if due is None else seconds(due),
            "due_ns": None if due is None else nanoseconds(due),
        }
