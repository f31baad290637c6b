"""What a test knows to be true because it was told so, and what must follow: which step is refused, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.judgements import Corrections, Judgement, Verdict
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.errors import IdentityGraphError, InvalidInputError, NotFoundError
from identity_graph.service.corrections.judging import AlreadyWithdrawnError, ContradictionError, NotLinkedError
from identity_graph.service.corrections.retracting import AlreadyRetractedError

Refusal = type[IdentityGraphError] | None
"""How a step is refused; None when it is not."""


@dataclass
class Facts:
    """What is true so far, kept plainly."""

    rules: RuleSet
    events: list[Event] = field(default_factory=list[Event])
    retracted: set[str] = field(default_factory=set[str])
    judged: dict[str, tuple[str, Any]] = field(default_factory=dict[str, tuple[str, Any]])
    withdrawn: set[str] = field(default_factory=set[str])
    membership: list[tuple[Instant, dict[str, str]]] = field(default_factory=list[tuple[Instant, dict[str, str]]])

    def in_force(self) -> list[tuple[str, Any]]:
        return [said for id, said in self.judged.items() if id not in self.withdrawn]

    def judgements(self) -> set[Judgement]:
        return {
            Judgement.of(what.verdict, a, b)
            for kind, what in self.in_force()
            if kind in {"same", "different"}
            if (a := read_key(what.a, self.rules)) and (b := read_key(what.b, self.rules)) and a != b
        }

    def corrections(self) -> Corrections:
        unlinked: dict[tuple[str, str], Instant] = {}
        overruled: set[str] = set()
        unbound: dict[str, Instant] = {}
        for kind, what in self.in_force():
            if kind == "unlink":
                (a, b), until = what
                one, other = sorted((read_key(a, self.rules) or "", read_key(b, self.rules) or ""))
                pair = (one, other)
                unlinked[pair] = max(until, unlinked.get(pair, until))
            elif kind == "unbind":
                text, until = what
                if key := read_key(text, self.rules):
                    unbound[key] = max(until, unbound.get(key, until))
            elif kind == "overrule" and (key := read_key(what, self.rules)):
                overruled.add(key)
        return Corrections(unlinked, frozenset(overruled), unbound)

    def events_as_read(self) -> list[Event]:
        return [reread_event(event, self.rules) for event in self.events]

    def unbound_by(self, event: Event) -> Sequence[RawIdentifier]:
        """List what an unbinding event unbinds when it is taken in: nothing if its source may not say everything."""
        return () if event.source in self.rules.sources else event.raw_identifiers

    def remaining(self) -> list[Event]:
        return [event for event in self.events_as_read() if event.id not in self.retracted]

    def is_linked(self, pair: tuple[str, str], until: Instant) -> bool:
        link = gather(self.remaining(), self.rules, self.corrections()).links.get(pair)
        return link is not None and link.first_seen <= until

    def known(self) -> set[str]:
        return {identifier.key for event in self.remaining() for identifier in event.identifiers}

    def as_read(self, key: str) -> str:
        """Read a key as the rules in force spell it."""
        return read_key(key, self.rules) or key

    def refusal_to_retract(self, event: Event | None) -> Refusal:
        if event is None:
            return NotFoundError
        return AlreadyRetractedError if event.id in self.retracted else None

    def refusal_to_judge(self, verdict: Verdict, pair: tuple[str, str]) -> Refusal:
        if refusal := self._refusal_to_name(pair):
            return refusal
        return ContradictionError if contradicts(self.judgements(), Judgement.of(verdict, *pair)) else None

    def refusal_to_unlink(self, pair: tuple[str, str], until: Instant) -> Refusal:
        if refusal := self._refusal_to_name(pair):
            return refusal
        return None if self.is_linked(pair, until) else NotLinkedError

    def refusal_to_overrule(self, key: str) -> Refusal:
        return None if key in self.known() else NotFoundError

    def refusal_to_withdraw(self, id: str) -> Refusal:
        if id not in self.judged:
            return NotFoundError
        return AlreadyWithdrawnError if id in self.withdrawn else None

    def _refusal_to_name(self, pair: tuple[str, str]) -> Refusal:
        if pair[0] == pair[1]:
            return InvalidInputError
        return None if set(pair) <= self.known() else NotFoundError


def contradicts(judgements: set[Judgement], new: Judgement) -> bool:
    """Tell whether a new judgement contradicts others; these may contradict each other, since rules spell keys otherwise."""
    if new in judgements:
        return False
    one, other = _said_to_be(judgements, new.a), _said_to_be(judgements, new.b)
    if new.verdict is Verdict.DIFFERENT:
        return new.b in one
    return any(
        (j.a in one and j.b in other) or (j.b in one and j.a in other)
        for j in judgements
        if j.verdict is Verdict.DIFFERENT
    )


def _said_to_be(judgements: set[Judgement], key: str) -> set[str]:
    """Name all that judgements say to be the same as one."""
    found = {key}
    while True:
        pairs = [{j.a, j.b} for j in judgements if j.verdict is Verdict.SAME and (j.a in found) != (j.b in found)]
        if not pairs:
            return found
        found.update(*pairs)
