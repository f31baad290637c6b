"""The events that wait for a transaction, cut so that none is asked for more than it can hold."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from identity_graph.domain.values.observations import Event
from identity_graph.service.commit.taking_in import EventResult
from identity_graph.service.profiles.traits import MOST_TRAITS

_ROWS = 5000
_ROWS_PER_EVENT = 20
"""What is written for an event of an SDK: its identifiers, a link for each pair of them, its traits."""


@dataclass(slots=True)
class Submission:
    """Events that are written together; ``rows`` is about how much of the graph they write."""

    events: Sequence[Event]
    rule_version: int
    done: "asyncio.Future[list[EventResult]]"
    rows: int

    @property
    def is_heavy(self) -> bool:
        """Tell whether these events write far more than others do."""
        return self.rows > _ROWS // 2 + _ROWS_PER_EVENT * len(self.events)


class CommitQueue:
    """Submissions in the order they came. Heavy ones take turns with all others, so that these wait for one at most."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._usual: deque[Submission] = deque()
        self._heavy: deque[Submission] = deque()
        self._is_turn_of_heavy = False
        self.pending = 0

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._usual or self._heavy)

    def cut(self, events: Sequence[Event]) -> Iterator[tuple[Sequence[Event], int]]:
        """Cut events into parts of one transaction each, with about how much each writes."""
        start = rows = 0
        for end, event in enumerate(events):
            more = _count_rows(event)
            if end > start and not self._fit(end + 1 - start, rows + more):
                yield events[start:end], rows
                start, rows = end, 0
            rows += more
        if start < len(events):
            yield events[start:], rows

    def put(self, submission: Submission) -> None:
        """Let a submission wait for its turn."""
        (self._heavy if submission.is_heavy else self._usual).append(submission)
        self.pending += len(submission.events)

    def take(self) -> list[Submission]:
        """Take what the next transaction writes."""
        if self._heavy and (self._is_turn_of_heavy or not self._usual):
            taken = [self._heavy.popleft()]
            self._is_turn_of_heavy = False
        else:
            taken = [self._usual.popleft()]
            events, rows = len(taken[0].events), taken[0].rows
            while self._usual:
                events += len(self._usual[0].events)
                rows += self._usual[0].rows
                if not self._fit(events, rows):
                    break
                taken.append(self._usual.popleft())
            self._is_turn_of_heavy = True
        self.pending -= sum(len(submission.events) for submission in taken)
        return taken

    def _fit(self, events: int, rows: int) -> bool:
        return events <= self._size and rows <= _ROWS + _ROWS_PER_EVENT * events


def _count_rows(event: Event) -> int:
    identifiers = len(event.identifiers)
    return 1 + identifiers * (identifiers + 1) // 2 + min(len(event.traits), MOST_TRAITS)
