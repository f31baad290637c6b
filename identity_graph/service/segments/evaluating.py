"""Evaluating a customer: what it is a member of now, and who entered and left by that. Nothing is read or written here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import structlog

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.segments.deciding import Decision
from identity_graph.domain.segments.evaluation import is_member
from identity_graph.domain.segments.read_models import PinView, SegmentState, StoredSegment
from identity_graph.domain.segments.reasons import say_fault, say_reason
from identity_graph.domain.segments.sheet import FactSheet
from identity_graph.domain.segments.transitions import Transition, TransitionCause
from identity_graph.domain.values.observations import Instant
from identity_graph.service.segments.sheets import find_next_look
from identity_graph.service.segments.subjects import Read
from identity_graph.service.segments.terms import Loaded, Target, edition_of
from identity_graph.store.segments.evaluation import StoredMembership

_RESTRICTED = "The customer asked that their data not be used."
_RULE_CHANGED = "The rule of the segment was changed."
_log = structlog.get_logger(__name__)


class Why(NamedTuple):
    """Why a membership is looked at, and when what caused it happened."""

    cause: TransitionCause
    occurred_at: Instant


@dataclass(frozen=True)
class Ask:
    """What is asked of a customer.

    ``changed`` is what changed of it by its mark (None: anything may have) and ``marked`` why; ``due`` are the moments of
    memberships that time changes, by edition, and ``wanted`` the editions that are evaluated in any case. ``clear``: what it was
    marked for is evaluated.
    """

    customer_id: str
    mark: int = 0
    changed: Inputs | None = None
    marked: Why | None = None
    due: Mapping[str, Instant] = field(default_factory=dict[str, Instant])
    wanted: Mapping[str, Why] = field(default_factory=dict[str, Why])
    clear: bool = False

    def concerns(self, target: Target) -> bool:
        """Whether a rule may give another answer, as far as can be told before any is asked."""
        is_touched = self.marked is not None and (self.changed is None or target.inputs.is_touched_by(self.changed))
        return is_touched or target.edition in self.wanted or target.edition in self.due


class Standing(NamedTuple):
    """How a customer stands to a segment in an edition: ``since`` is None for one who is not in it."""

    since: Instant | None = None
    number: int = 0
    due_at: Instant | None = None


NOWHERE = Standing()


@dataclass
class Outcome:
    """What comes of a customer: memberships that are to be written by edition (None: forgotten), transitions, and sizes."""

    ask: Ask
    mark: int
    standings: dict[str, Standing | None] = field(default_factory=dict[str, Standing | None])
    transitions: list[Transition] = field(default_factory=list[Transition])
    grown: dict[str, int] = field(default_factory=dict[str, int])
    faults: dict[str, str] = field(default_factory=dict[str, str])


def evaluate_customer(
    loaded: Loaded,
    read: Read,
    ask: Ask,
    stored: Iterable[StoredMembership],
    pins: Mapping[str, PinView],
    now: Instant,
) -> Outcome:
    """Evaluate what may have changed of a customer, each segment after those that it uses."""
    return _Evaluation(loaded, read, ask, stored, pins, now).run()


class _Evaluation:
    """One customer at one moment."""

    def __init__(
        self,
        loaded: Loaded,
        read: Read,
        ask: Ask,
        stored: Iterable[StoredMembership],
        pins: Mapping[str, PinView],
        now: Instant,
    ) -> None:
        self._loaded = loaded
        self._read = read
        self._ask = ask
        self._pins = pins
        self._now = now
        self._before = {row.edition: Standing(row.since, row.number, row.due_at) for row in stored}
        self._standings = dict(self._before)
        self._turned: dict[str, Why] = {}
        self._outcome = Outcome(ask, read.subject.mark)

    def run(self) -> Outcome:
        for segment in self._loaded.segments.values():
            if segment.state == SegmentState.SETTLING and segment.next_edition is not None:
                self._settle(segment, segment.next_edition)
        for target in self._loaded.targets:
            why = self._why(target)
            if why is not None:
                self._evaluate(target, why)
        known = self._loaded.by_edition.keys()
        for edition, standing in self._standings.items():
            is_forgotten = self._is_gone or edition not in known or standing == NOWHERE
            kept = None if is_forgotten else standing
            if kept != self._before.get(edition):
                self._outcome.standings[edition] = kept
        return self._outcome

    @property
    def _is_gone(self) -> bool:
        """Whether the customer is no more; one that is restricted keeps its numbers for when it is not."""
        return self._read.sheet is None and not self._read.subject.is_restricted

    def _settle(self, segment: StoredSegment, former: int) -> None:
        """Tell what the changed rule made of the customer, if that was not told yet, and forget how it was before."""
        id = self._ask.customer_id
        old_edition, edition = edition_of(segment.id, former), edition_of(segment.id, segment.edition)
        if id <= segment.cursor or not {old_edition, edition} & self._standings.keys():
            return
        old = self._standings.pop(old_edition, None)
        now = self._standings.get(edition, NOWHERE)
        if old is None and now.number:
            return  # what is computed aside has no number until this is done
        if old is not None:
            self._outcome.standings[old_edition] = None
        was = old or NOWHERE
        number = was.number
        since = was.since if now.since is not None and was.since is not None else now.since
        if (was.since is None) is not (now.since is None):
            number += 1
            self._tell(
                segment.id,
                number,
                Why(TransitionCause.RULE_CHANGED, self._now),
                _RULE_CHANGED,
                entered=now.since is not None,
            )
        self._standings[edition] = Standing(since, number, now.due_at)

    def _why(self, target: Target) -> Why | None:
        ask, segment = self._ask, target.segment
        is_behind = ask.customer_id > segment.cursor and target.edition not in ask.wanted
        if self._read.sheet is None:
            return ask.marked or Why(TransitionCause.MERGE if self._is_gone else TransitionCause.EVENT, self._now)
        if not target.is_live and is_behind:
            return None  # the walk comes to it
        found = self._find_why(target)
        if found is not None and segment.state == SegmentState.FILLING and ask.customer_id > segment.cursor:
            return Why(TransitionCause.INITIAL, self._now)
        return found

    def _find_why(self, target: Target) -> Why | None:
        ask = self._ask
        if ask.marked is not None and (ask.changed is None or target.inputs.is_touched_by(ask.changed)):
            return ask.marked
        if target.edition in ask.wanted:
            return ask.wanted[target.edition]
        used = next((self._turned[id] for id in sorted(target.uses) if id in self._turned), None)
        if used is not None:
            return used
        due = ask.due.get(target.edition)
        return None if due is None else Why(TransitionCause.TIME, due)

    def _evaluate(self, target: Target, why: Why) -> None:
        before = self._standings.get(target.edition, NOWHERE)
        pin = self._pins.get(target.segment.id)
        decision = self._decide(target)
        member = decision is not None and is_member(decision, None if pin is None else pin.member)
        due_at = None if decision is None or pin is not None else _first(decision.next_at, self._look_again_at(target))
        number, since = before.number, before.since
        if member is (before.since is None):
            since = self._now if member else None
            if target.is_live:
                number += 1
                self._grow(target.segment.id, 1 if member else -1)
                self._tell(target.segment.id, number, why, self._reason(target, pin, why), entered=member)
        self._standings[target.edition] = Standing(since, number, due_at)

    def _decide(self, target: Target) -> Decision | None:
        """Ask the rule; None for a customer that is no more. What cannot be evaluated keeps everybody out."""
        sheet = self._sheet_for(target)
        if sheet is None:
            return None
        if target.fault is not None:
            return Decision(holds=False, fault=target.fault)
        try:
            return target.judge.decide(sheet, self._now)
        except Exception as error:  # noqa: BLE001 - one customer must not keep all others waiting
            return Decision(holds=False, fault=self._note_failure(target, error))

    def _note_failure(self, target: Target, error: Exception) -> str:
        _log.error("a customer cannot be evaluated", segment=target.segment.id, error=type(error).__name__)
        fault = f"it failed for the customer {self._ask.customer_id}: {type(error).__name__}"
        self._outcome.faults[target.segment.id] = fault
        return fault

    def _sheet_for(self, target: Target) -> FactSheet | None:
        sheet = self._read.sheet
        if sheet is None or not target.uses:
            return sheet
        return replace(sheet, segments=frozenset(self._members()))

    def _members(self) -> Iterable[str]:
        """Give the segments that the customer is in by now."""
        for edition, standing in self._standings.items():
            target = self._loaded.by_edition.get(edition)
            if target is not None and target.is_live and standing.since is not None:
                yield target.segment.id

    def _look_again_at(self, target: Target) -> Instant | None:
        if self._read.sheet is None or not target.inputs.preferred_channel:
            return None
        return find_next_look(self._read.sheet, self._loaded.terms, self._now)

    def _grow(self, segment_id: str, change: int) -> None:
        self._outcome.grown[segment_id] = self._outcome.grown.get(segment_id, 0) + change

    def _tell(self, segment_id: str, number: int, why: Why, reason: str, *, entered: bool) -> None:
        self._turned[segment_id] = why
        self._outcome.transitions.append(
            Transition(
                segment_id=segment_id,
                customer_id=self._ask.customer_id,
                number=number,
                entered=entered,
                at=self._now,
                occurred_at=min(why.occurred_at, self._now),
                cause=why.cause,
                reason=reason,
            )
        )

    def _reason(self, target: Target, pin: PinView | None, why: Why) -> str:
        sheet = self._sheet_for(target)
        if self._read.subject.is_restricted:
            return _RESTRICTED
        if sheet is None:
            into = self._read.subject.merged_into
            return "The customer has no identifiers any more." if into is None else f"The customer went into {into}."
        if pin is not None:
            return f"Pinned by {pin.actor}: {pin.reason}"
        fault = target.fault or self._outcome.faults.get(target.segment.id)
        if fault is not None:
            return say_fault(fault)
        try:
            result = target.judge.judge(sheet, self._now)
            before = target.judge.judge(sheet, why.occurred_at - 1) if why.cause is TransitionCause.TIME else None
        except Exception as error:  # noqa: BLE001 - a condition that decides nothing is no reason to stop
            return say_fault(self._note_failure(target, error))
        return say_reason(result, before, self._ask.changed, self._loaded.terms)


def _first(*moments: Instant | None) -> Instant | None:
    return min((moment for moment in moments if moment is not None), default=None)
