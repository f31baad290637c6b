"""A check of a file under a mapping, without a database: what it would become, and what would be rejected."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

from identity_graph.domain.collecting.segment.messages import Message, extract, to_event
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Instant
from identity_graph.files.history import as_history
from identity_graph.files.reading import Outcome
from identity_graph.files.records import Rejection

_EXAMPLES = 3


@dataclass(slots=True)
class CheckReport:
    """What a file holds: records, those that are left out, messages by name, and what is wrong with the others.

    ``examples`` are some lines and reasons by code; ``ignored`` counts values that are no identifiers under the rules by
    namespace and code; ``repeated`` are messages whose id came before in the file; ``first`` and ``last`` are the
    earliest and the latest time.
    """

    records: int = 0
    skipped: int = 0
    messages: Counter[str] = field(default_factory=Counter[str])
    repeated: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[tuple[int, str]]] = field(default_factory=dict[str, list[tuple[int, str]]])
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    first: Instant | None = None
    last: Instant | None = None

    def reject(self, line: int, code: str, reason: str) -> None:
        """Count what would be rejected."""
        self.rejected[code] += 1
        examples = self.examples.setdefault(code, [])
        if len(examples) < _EXAMPLES:
            examples.append((line, reason))


def check_records(outcomes: Iterable[Outcome], rules: RuleSet, *, source: str, now: Instant) -> CheckReport:
    """Read all records of a file as the import does, and store nothing."""
    report = CheckReport()
    with closing(sqlite3.connect("", isolation_level=None)) as known:  # on disk as far as it is large
        known.execute("CREATE TABLE known (id INTEGER PRIMARY KEY)")
        known.execute("BEGIN")
        for outcome in outcomes:
            report.records += 1
            if isinstance(outcome, Rejection):
                report.reject(outcome.line, outcome.code, outcome.reason)
                continue
            report.skipped += outcome.is_skipped
            for content in outcome.messages:
                message = extract(as_history(content), source=source, received_at=now)
                if isinstance(message, Message):
                    _count(report, message, rules)
                    added = known.execute("INSERT OR IGNORE INTO known VALUES (?)", (hash(message.message_id),))
                    report.repeated += added.rowcount == 0
                else:
                    report.reject(outcome.line, message.code.value, message.reason)
    return report


def _count(report: CheckReport, message: Message, rules: RuleSet) -> None:
    report.messages[message.name] += 1
    report.ignored.update((item.namespace, item.code) for item in to_event(message, rules).ignored)
    at = message.occurred_at
    report.first = at if report.first is None else min(report.first, at)
    report.last = at if report.last is None else max(report.last, at)
