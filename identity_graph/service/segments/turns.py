"""One turn of the evaluation: what waits and what is due, read, evaluated and written in one transaction.

One process at a time has the turn. It holds a lease that others respect, and a number that each transaction checks: whoever
was too slow, and lost the turn to another, writes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from identity_graph.domain.profiles.inputs import EVERYTHING, Inputs, read_tokens
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.domain.segments.read_models import PinView
from identity_graph.domain.segments.transitions import Transition, TransitionCause
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import IdentityGraphError
from identity_graph.service.segments.evaluating import Ask, Outcome, Why, evaluate_customer
from identity_graph.service.segments.subjects import read_subjects
from identity_graph.service.segments.terms import Loaded
from identity_graph.service.segments.writing import Follower, write_outcomes
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.segments import evaluation as store
from identity_graph.store.segments.evaluation import DueMembership, StoredMembership, WaitingCustomer
from identity_graph.store.segments.subjects import list_subject_pins

LEASE_SECONDS = 15
"""Seconds after which another process may take the turn of one that does nothing."""

_CUSTOMERS_A_GO = 5
"""Customers that are evaluated before others of the process get their turn."""

PIN = "pin:"
"""How a token begins that tells of a pin: the id of the segment follows."""

Also = Callable[[WriteTransaction], Awaitable[None]]


class TurnLostError(IdentityGraphError):
    """Another process took the turn; it goes on from what is stored."""

    code = "TURN_LOST"


@dataclass(frozen=True)
class Turn:
    """The turn of a process."""

    graph: Graph
    holder: str
    fence: int
    followers: Sequence[Follower] = ()

    async def write(self, work: Also) -> None:
        """Write in a transaction in which nobody else has the turn.

        Raises:
            TurnLostError: another process has taken it.
        """

        async def fenced(tx: WriteTransaction) -> None:
            if not await store.hold_turn(tx, holder=self.holder, fence=self.fence, seconds=LEASE_SECONDS):
                raise TurnLostError("Another process evaluates segments now; it goes on from what is stored.")
            await work(tx)

        await self.graph.write(fenced)

    async def evaluate(
        self, loaded: Loaded, asks: Sequence[Ask], now: Instant, also: Also | None = None
    ) -> list[Transition]:
        """Evaluate customers and write what comes of them, with what ``also`` writes.

        Raises:
            TurnLostError: another process has taken the turn.
        """
        outcomes = await evaluate_all(self.graph, loaded, asks, now)
        transitions: list[Transition] = []

        async def work(tx: WriteTransaction) -> None:
            nonlocal transitions
            transitions = await write_outcomes(tx, outcomes, now, self.followers)
            gone = sorted({ask.customer_id for ask in asks} - {outcome.ask.customer_id for outcome in outcomes})
            keys = [f"{edition}/{ask.customer_id}" for ask in asks if ask.customer_id in gone for edition in ask.due]
            if keys:
                await store.delete_memberships(tx, keys=keys)
            if also is not None:
                await also(tx)

        await self.write(work)
        return transitions


async def evaluate_all(graph: Graph, loaded: Loaded, asks: Sequence[Ask], now: Instant) -> list[Outcome]:
    """Evaluate customers; nothing is written."""
    if not asks:
        return []
    ids = [ask.customer_id for ask in asks]
    concerned = [target for target in loaded.targets if any(ask.concerns(target) for ask in asks)]
    settling = {row.id for row in loaded.segments.values() if row.state == "SETTLING"}
    concerned += [target for target in loaded.targets if target.uses & settling]
    reads = await read_subjects(graph, ids, loaded.needs_of(concerned), loaded.terms, now)

    async def read(tx: ReadTransaction) -> tuple[list[StoredMembership], list[PinView]]:
        return (
            await store.list_memberships(tx, customer_ids=ids),
            await list_subject_pins(tx, customer_ids=ids),
        )

    rows, pinned = await graph.read(read)
    stored: dict[str, list[StoredMembership]] = {}
    for row in rows:
        stored.setdefault(row.customer_id, []).append(row)
    pins: dict[str, dict[str, PinView]] = {}
    for pin in pinned:  # the last decision comes first
        pins.setdefault(pin.customer_id, {}).setdefault(pin.segment_id, pin)
    outcomes: list[Outcome] = []
    for number, ask in enumerate(asks):
        if number % _CUSTOMERS_A_GO == 0:
            await asyncio.sleep(0)
        read_one = reads.get(ask.customer_id)
        if read_one is not None:
            own = stored.get(ask.customer_id, ())
            outcome = evaluate_customer(loaded, read_one, ask, own, pins.get(ask.customer_id, {}), now)
            if ask.clear:
                outcome.mark = ask.mark  # what came after it is not evaluated
            outcomes.append(outcome)
    return outcomes


async def list_asks(graph: Graph, loaded: Loaded, now: Instant, limit: int) -> list[Ask]:
    """List what waits longest, and what is due, as what is asked of each customer."""

    async def read(tx: ReadTransaction) -> tuple[list[WaitingCustomer], list[DueMembership]]:
        return (
            await store.list_waiting(tx, limit=limit),
            await store.list_due(tx, now_s=seconds(now), now_ns=nanoseconds(now), limit=limit),
        )

    waiting, due = await graph.read(read)
    moments: dict[str, dict[str, Instant]] = {}
    for row in due:
        moments.setdefault(row.customer_id, {})[row.edition] = row.due_at
    asks = [_ask_of(row, loaded, moments.pop(row.customer_id, {})) for row in waiting]
    return asks + [Ask(id, due=own) for id, own in moments.items()]


def _ask_of(row: WaitingCustomer, loaded: Loaded, due: dict[str, Instant]) -> Ask:
    why = Why(TransitionCause[MarkCause(row.cause).name], row.occurred_at)
    pins = {token.removeprefix(PIN) for token in row.tokens if token.startswith(PIN)}
    pinned = Why(TransitionCause.PIN, row.occurred_at)
    return Ask(
        row.customer_id,
        mark=row.mark,
        changed=_read_changed(row.tokens),
        marked=why,
        due=due,
        wanted={target.edition: pinned for target in loaded.targets if target.segment.id in pins},
        clear=True,
    )


def _read_changed(tokens: Iterable[str]) -> Inputs | None:
    own = [token for token in tokens if not token.startswith(PIN)]
    return None if EVERYTHING in own else read_tokens(own)
