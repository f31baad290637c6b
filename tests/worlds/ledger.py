"""What several writers at once were told: a ledger of acknowledged writes, and which refusals are wrong by it.

A writer is told of a write after it was done, so at any time more may be true than the ledger says, and never less. What was
refused is judged at the end, when nobody writes any more.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.judgements import Judgement, Pair, Verdict
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.errors import IdentityGraphError, NotFoundError
from identity_graph.service.applying.steps import VersionConflictError
from identity_graph.service.corrections.judging import AlreadyWithdrawnError, ContradictionError, NotLinkedError
from identity_graph.service.corrections.retracting import AlreadyRetractedError
from tests.worlds.facts import Facts, contradicts
from tests.worlds.stored import same

Why = Callable[[], bool]
"""Whether a refusal was right, by what is known at the end."""


class Ledger:
    """What was acknowledged to any writer, in the order in which they were told."""

    def __init__(self, rules: RuleSet) -> None:
        self.facts = Facts(rules)
        self.rules = {1: rules}
        self.refused: Counter[str] = Counter()
        self._first_taken: Counter[str] = Counter()
        self._retracted: Counter[str] = Counter()
        self._withdrawn: Counter[str] = Counter()
        self._refusals: list[tuple[str, Why]] = []

    def take(self, events: Iterable[Event], duplicates: Iterable[bool]) -> None:
        """Note that events are in the graph; of all who sent one, one was told that it was new."""
        known = {event.id for event in self.facts.events}
        for event, duplicate in zip(events, duplicates, strict=True):
            self._first_taken[event.id] += not duplicate
            if event.id not in known:
                self.facts.events.append(event)

    def retract(self, event: Event) -> None:
        self._retracted[event.id] += 1
        self.facts.retracted.add(event.id)

    def judge(self, id: str, kind: str, what: Any) -> None:
        """Note a judgement; who says again what is in force is told of the same one."""
        same(f"what {id} says", (kind, what), self.facts.judged.setdefault(id, (kind, what)))

    def withdraw(self, id: str) -> None:
        self._withdrawn[id] += 1
        self.facts.withdrawn.add(id)

    def put_in_force(self, version: int, rules: RuleSet) -> None:
        assert version not in self.rules, f"two writers put rules in force as version {version}"
        self.rules[version] = rules

    @property
    def version(self) -> int:
        return max(self.rules)

    @contextmanager
    def refusing(self, what: str, **right: Why) -> Generator[None]:
        """Let a write be refused for some reasons, each with what makes it right."""
        try:
            yield
        except IdentityGraphError as error:
            if error.code not in right:
                raise
            self.refused[error.code] += 1
            self._refusals.append((f"{what}: {error.code}", right[error.code]))

    def check(self) -> None:
        """Check what writers were told of each other, now that none writes; the facts are those of the latest rules."""
        self.facts.rules = self.rules[self.version]
        same("events that were new to another number of writers than one", _not_once(self._first_taken), {})
        same("events that were retracted several times", _not_once(self._retracted), {})
        same("judgements that were withdrawn several times", _not_once(self._withdrawn), {})
        same("versions of the rules", sorted(self.rules), list(range(1, len(self.rules) + 1)))
        judgements = self.facts.judgements()
        same("contradictions in force", {j for j in judgements if contradicts(judgements - {j}, j)}, set())
        same("wrong refusals", [what for what, is_right in self._refusals if not is_right()], [])

    def retracting(self, event: Event) -> dict[str, Why]:
        """Give what makes it right to refuse to take an event back."""
        was_known = any(known.id == event.id for known in self.facts.events)
        return {
            NotFoundError.code: lambda: not was_known,
            AlreadyRetractedError.code: lambda: event.id in self.facts.retracted,
        }

    def withdrawing(self, id: str) -> dict[str, Why]:
        return {AlreadyWithdrawnError.code: lambda: id in self.facts.withdrawn}

    def changing(self, expected: int) -> dict[str, Why]:
        return {VersionConflictError.code: lambda: expected + 1 in self.rules}

    def naming(self, *keys: str) -> dict[str, Why]:
        """Give what makes it right that one of some keys is unknown: no event that stood all the time shows it."""
        before = list(self.facts.events)

        def is_right() -> bool:
            return not set(keys) <= {i.key for event in self._stood(before) for i in event.identifiers}

        return {NotFoundError.code: is_right}

    def judging(self, verdict: Verdict, pair: Pair) -> dict[str, Why]:
        """Give what makes a refusal of a judgement right; what it contradicts was said by somebody, at some time."""

        def is_right() -> bool:
            said = {what for kind, what in self.facts.judged.values() if kind in set(Verdict)}
            judgement = Judgement.of(verdict, *pair)
            return contradicts(said - {judgement}, judgement)

        return self.naming(*pair) | {ContradictionError.code: is_right}

    def unlinking(self, pair: Pair, until: Instant) -> dict[str, Why]:
        """Give what makes a refusal to unlink right: no event that stood all the time links the two, or it was unlinked."""
        before = list(self.facts.events)

        def is_right() -> bool:
            link = gather(self._stood(before), self.facts.rules).links.get(pair)
            ends = [what[1] for kind, what in self.facts.judged.values() if kind == "unlink" and what[0] == pair]
            return link is None or link.first_seen > until or max(ends, default=link.first_seen - 1) >= link.first_seen

        return self.naming(*pair) | {NotLinkedError.code: is_right}

    def _stood(self, before: list[Event]) -> list[Event]:
        """Give the events of an earlier time that nobody took back since."""
        return [reread_event(event, self.facts.rules) for event in before if event.id not in self.facts.retracted]


def _not_once(counted: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counted.items() if count != 1}
