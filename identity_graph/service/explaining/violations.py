"""Violations: refused links, values that were no identifiers and quarantined identifiers, merged by time."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import NamedTuple

from identity_graph.domain.explaining.violations import (
    VIOLATION_CODES,
    IgnoredCode,
    explain_ignored,
    explain_quarantine,
    explain_refusal,
)
from identity_graph.domain.identity.resolution import RefusalCode
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError
from identity_graph.service.positions import BEHIND_ALL, START, Page, cut
from identity_graph.service.reads import Reads
from identity_graph.store.explaining import violations as store
from identity_graph.store.explaining.violations import IgnoredValueRow, QuarantineRow, RefusalRow

STREAMS = EVENT, IDENTIFIER, LINK = "event", "identifier", "link"
"""Where violations come from; at one moment a greater name comes first."""

_OF_LINKS = frozenset(RefusalCode) - {RefusalCode.QUARANTINED}


class Position(NamedTuple):
    """A position in the list of violations: time, stream, and id in the stream, latest and greatest first."""

    at: Instant
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class FoundViolation:
    """Something that did not count. ``a`` and ``b`` are keys; of an event ``a`` is ``namespace:value`` as it came."""

    position: Position
    code: str
    message: str
    a: str
    b: str | None
    event_id: str | None
    occurred_at: Instant | None
    rule_version: int


async def read_violations(
    reads: Reads, rules: RuleSet, version: int, *, code: str | None, first: int, after: Position | None
) -> Page[FoundViolation]:
    """Read a page of the violations, of one code or of all.

    Raises:
        InvalidInputError: there is no such code.
    """
    if code is not None and code not in VIOLATION_CODES:
        raise InvalidInputError(
            f"There is no violation {code!r}; there are {', '.join(sorted(VIOLATION_CODES))}.", violation=code
        )
    start = after or Position(START.at, LINK, BEHIND_ALL)
    streams: list[Awaitable[list[FoundViolation]]] = []
    if code in (None, RefusalCode.QUARANTINED):
        streams.append(_read_quarantines(reads, rules, start, first + 1))
    if code is None or code in _OF_LINKS:
        streams.append(_read_refusals(reads, rules, start, code, first + 1))
    if code is None or code in set(IgnoredCode):
        streams.append(_read_ignored(reads, version, start, code, first + 1))
    found = [violation for stream in await asyncio.gather(*streams) for violation in stream]
    found.sort(key=lambda violation: violation.position, reverse=True)
    return cut(found, first)


async def _read_refusals(
    reads: Reads, rules: RuleSet, start: Position, code: str | None, limit: int
) -> list[FoundViolation]:
    rows = await reads.run(
        store.page_refusals.call(
            before=format_instant(start.at),
            before_id=_before(start, LINK),
            code=code,
            max_identifiers=rules.max_identifiers,
            limit=limit,
        )
    )
    return [_of_link(row, rules) for row in rows]


async def _read_ignored(
    reads: Reads, version: int, start: Position, code: str | None, limit: int
) -> list[FoundViolation]:
    rows = await reads.run(
        store.page_ignored_values.call(
            before=format_instant(start.at), before_id=_before(start, EVENT), code=code, limit=limit
        )
    )
    return [_of_event(row, version) for row in rows]


async def _read_quarantines(reads: Reads, rules: RuleSet, start: Position, limit: int) -> list[FoundViolation]:
    rows = await reads.run(
        store.page_quarantines.call(before=format_instant(start.at), before_id=_before(start, IDENTIFIER), limit=limit)
    )
    return [_of_identifier(row, rules) for row in rows]


def _before(start: Position, kind: str) -> str:
    """Tell which ids of a stream, at the very moment of the position, come after it."""
    if kind == start.kind:
        return start.id
    return BEHIND_ALL if kind < start.kind else ""


def _of_link(row: RefusalRow, rules: RuleSet) -> FoundViolation:
    message = explain_refusal(
        row.code,
        row.a,
        row.b,
        (json.loads(row.counts_a), json.loads(row.counts_b)),
        (row.size_a, row.size_b),
        rules,
        ambiguous=row.a if row.a_ambiguous else row.b,
    )
    return FoundViolation(
        position=Position(row.refused_at, LINK, row.id),
        code=row.code,
        message=message,
        a=row.a,
        b=row.b,
        event_id=None,
        occurred_at=None,
        rule_version=max(row.rule_version_a, row.rule_version_b),
    )


def _of_event(row: IgnoredValueRow, version: int) -> FoundViolation:
    code, _, key = row.item.partition(" ")
    namespace, _, value = key.partition(":")
    return FoundViolation(
        position=Position(row.ignored_at, EVENT, row.id),
        code=code,
        message=explain_ignored(code, namespace, value),
        a=key,
        b=None,
        event_id=row.event_id,
        occurred_at=row.occurred_at,
        rule_version=version,
    )


def _of_identifier(row: QuarantineRow, rules: RuleSet) -> FoundViolation:
    return FoundViolation(
        position=Position(row.quarantined_at, IDENTIFIER, row.id),
        code=RefusalCode.QUARANTINED.value,
        message=explain_quarantine(row.id, json.loads(row.partners), rules),
        a=row.id,
        b=None,
        event_id=None,
        occurred_at=None,
        rule_version=row.rule_version,
    )
