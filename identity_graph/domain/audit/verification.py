"""Verifying the log: whether each entry follows from the one before, and all is there that checkpoints counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.audit.chain import GENESIS, link
from identity_graph.domain.audit.checkpoints import Checkpoint
from identity_graph.domain.audit.entries import SealedEntry
from identity_graph.domain.values.instants import DAY, format_minute
from identity_graph.domain.values.observations import Instant

SHORTEST_KEPT: Instant = 3 * 366 * DAY
"""How long entries are kept at least: three years."""


class Fault(StrEnum):
    """What is wrong with a log."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT_OFF = "cut_off"
    DELETED_EARLY = "deleted_early"
    REWRITTEN = "rewritten"
    FORGED_CHECKPOINT = "forged_checkpoint"


class Problem(NamedTuple):
    """The first thing that is wrong: ``number`` is that of the first entry concerned."""

    fault: Fault
    number: int
    text: str


class Head(NamedTuple):
    """How long the log is and what its last hash is, as the writer keeps it beside the entries."""

    length: int
    root: str


EMPTY = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out: ``verified`` entries were looked at, up to number ``count`` with the hash ``root``.

    ``deleted`` entries at the beginning were deleted after their time, which a checkpoint covers. ``compared`` is the number of
    checkpoints that fit.
    """

    problem: Problem | None
    verified: int
    count: int
    root: str
    deleted: int
    compared: int


class Verification:
    """Takes the entries in the order of their numbers, and stops to look at the first that is wrong.

    ``trusted`` are the public keys that may sign; empty, every key may. With ``since``, only what came after that checkpoint is taken.
    """

    def __init__(
        self,
        checkpoints: Iterable[Checkpoint],
        *,
        trusted: frozenset[str],
        now: Instant,
        since: Checkpoint | None = None,
    ) -> None:
        self._checkpoints = sorted(checkpoints, key=lambda one: (one.count, one.at))
        self._now = now
        self._problem = next((found for one in self._checkpoints if (found := _distrust(one, trusted))), None)
        self._place = 0
        self._first: int | None = None
        self._count, self._root = EMPTY
        self._deleted = self._verified = self._compared = 0
        self._intact = 0
        if since is not None:
            self._first, self._count, self._root, self._intact = since.count + 1, since.count, since.root, since.count
            self._checkpoints = [one for one in self._checkpoints if one.count > since.count]

    @property
    def problem(self) -> Problem | None:
        """What is wrong so far."""
        return self._problem

    def take(self, sealed: SealedEntry) -> None:
        """Look at the next entry; those after one that is wrong tell nothing."""
        if self._problem is not None:
            return
        if self._first is None:
            self._first = sealed.number
            self._problem = self._begin(sealed.number)
            if self._problem is not None:
                return
        if sealed.number <= self._deleted:
            return
        self._problem = self._look(sealed)

    def finish(self, head: Head) -> Verdict:
        """Compare the end with what the writer keeps, and with checkpoints."""
        if self._problem is None and self._first is None:
            self._problem = self._begin(head.length + 1)
        if self._problem is None:
            self._problem = self._look_at_end(head)
        return Verdict(self._problem, self._verified, self._count, self._root, self._deleted, self._compared)

    def _begin(self, first: int) -> Problem | None:
        """Find the checkpoint that covers what was deleted at the beginning, once its time was over."""
        if first <= 1:
            return self._compare()
        covering = [one for one in self._checkpoints if one.count >= first - 1]
        if not covering:
            return Problem(Fault.MISSING, 1, f"Entries 1 to {first - 1} are missing, and no checkpoint covers them.")
        base = covering[0]
        if base.at > self._now - SHORTEST_KEPT:
            text = f"Entries 1 to {first - 1} are missing; they are kept for three years, and the checkpoint that covers them is of {format_minute(base.at)} UTC."
            return Problem(Fault.DELETED_EARLY, 1, text)
        self._deleted = self._count = self._intact = base.count
        self._root = base.root
        while self._place < len(self._checkpoints) and self._checkpoints[self._place].count < base.count:
            self._place += 1
        return self._compare()

    def _look(self, sealed: SealedEntry) -> Problem | None:
        expected = self._count + 1
        if sealed.number != expected:
            if sealed.number < expected:
                return Problem(Fault.CHANGED, sealed.number, f"There is a second entry {sealed.number}.")
            last = sealed.number - 1
            what = f"Entry {expected} is missing." if last == expected else f"Entries {expected} to {last} are missing."
            return Problem(Fault.MISSING, expected, what)
        if link(self._root, sealed.number, sealed.entry) != sealed.hash:
            text = f"Entry {expected} does not follow from what stands before it: it was changed, inserted, or one before it was."
            return Problem(Fault.CHANGED, expected, text)
        self._count, self._root = sealed.number, sealed.hash
        self._verified += 1
        return self._compare()

    def _compare(self) -> Problem | None:
        """Compare with the checkpoints that counted as many entries as were looked at."""
        while self._place < len(self._checkpoints) and self._checkpoints[self._place].count == self._count:
            checkpoint = self._checkpoints[self._place]
            if checkpoint.root != self._root:
                first = self._intact + 1
                text = (
                    f"The log was written anew: entries {first} to {self._count} are not those that the checkpoint of "
                    f"{format_minute(checkpoint.at)} UTC covers."
                )
                return Problem(Fault.REWRITTEN, first, text)
            self._place += 1
            self._compared += 1
            self._intact = self._count
        return None

    def _look_at_end(self, head: Head) -> Problem | None:
        remaining = self._checkpoints[self._place :]
        if remaining:
            longest = remaining[-1]
            text = (
                f"Entries {self._count + 1} to {longest.count} are missing at the end: the checkpoint of "
                f"{format_minute(longest.at)} UTC counted {longest.count}."
            )
            return Problem(Fault.CUT_OFF, self._count + 1, text)
        if head.length > self._count:
            text = f"Entries {self._count + 1} to {head.length} are missing at the end."
            return Problem(Fault.CUT_OFF, self._count + 1, text)
        if (head.length, head.root) != (self._count, self._root):
            first = min(head.length, self._count) + 1 if head.length != self._count else self._count
            text = f"The end of the log is not what was written last: {head.length} entries were, and {self._count} are there."
            return Problem(Fault.CHANGED, first, text)
        return None


def verify(
    entries: Iterable[SealedEntry],
    head: Head,
    checkpoints: Iterable[Checkpoint] = (),
    *,
    trusted: frozenset[str] = frozenset(),
    now: Instant,
) -> Verdict:
    """Verify a log that is at hand as a whole."""
    verification = Verification(checkpoints, trusted=trusted, now=now)
    for sealed in entries:
        verification.take(sealed)
    return verification.finish(head)


def _distrust(checkpoint: Checkpoint, trusted: frozenset[str]) -> Problem | None:
    of = f"The checkpoint of {format_minute(checkpoint.at)} UTC"
    if not checkpoint.is_genuine:
        return Problem(Fault.FORGED_CHECKPOINT, checkpoint.count, f"{of} does not have the signature of its key.")
    if trusted and checkpoint.key not in trusted:
        text = f"{of} is signed with the key {checkpoint.key}, which is none of those that you trust."
        return Problem(Fault.FORGED_CHECKPOINT, checkpoint.count, text)
    return None
