"""Simulation: what customers a file of messages would give under given rules, without a database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from identity_graph.domain.collecting.segment.messages import Message, extract, to_event
from identity_graph.domain.identity.resolution import RefusedLink, resolve
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Instant, Observation
from identity_graph.files.history import as_history
from identity_graph.files.reading import Outcome
from identity_graph.files.records import Rejection

_SOURCE = "import"


@dataclass(frozen=True, slots=True)
class RejectedMessage:
    """A line, or a message in it, that would not be accepted."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came out: customers as sorted keys, in the order of their first; refused links by (a, b); rejections by line.

    ``accepted`` counts messages, repeats not among them; ``ignored``, by namespace and code, the values that are no
    identifiers. Keys sort by code point.
    """

    customers: list[list[str]]
    refused: list[RefusedLink]
    rejected: list[RejectedMessage]
    accepted: int
    duplicates: int
    ignored: Counter[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """Give the form that ``simulate --format json`` prints."""
        return {
            "customers": self.customers,
            "refused": [{"a": link.a, "b": link.b, "code": str(link.code)} for link in self.refused],
            "rejected": [{"line": it.line, "code": it.code, "reason": it.reason} for it in self.rejected],
        }


def simulate(outcomes: Iterable[Outcome], rules: RuleSet, *, now: Instant) -> Simulation:
    """Read records as the import does and resolve all of them at once.

    A message without a time happened ``now``. Of several with one message id the first counts.
    """
    observations: dict[str, Observation] = {}
    rejected: list[RejectedMessage] = []
    duplicates = 0
    ignored: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        if isinstance(outcome, Rejection):
            rejected.append(RejectedMessage(outcome.line, outcome.code, outcome.reason))
            continue
        for content in outcome.messages:
            message = extract(as_history(content), source=_SOURCE, received_at=now)
            if not isinstance(message, Message):
                rejected.append(RejectedMessage(outcome.line, message.code.value, message.reason))
            elif message.message_id in observations:
                duplicates += 1
            else:
                event = to_event(message, rules)
                ignored.update((item.namespace, item.code) for item in event.ignored)
                observations[message.message_id] = _observe(event)
    resolution = resolve((seen for seen in observations.values() if seen.identifiers), (), rules)
    return Simulation(
        customers=sorted(sorted(customer) for customer in resolution.customers),
        refused=sorted(resolution.refused),
        rejected=rejected,
        accepted=len(observations),
        duplicates=duplicates,
        ignored=ignored,
    )


def _observe(event: Event) -> Observation:
    """Keep of an event only what resolution needs, so that large files fit into memory."""
    return Observation(
        source=event.source,
        message_id=event.message_id,
        occurred_at=event.occurred_at,
        identifiers=event.identifiers,
    )
