"""What keeps two customers apart: refusals with their numbers, quarantines, and judgements."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from identity_graph.domain.explaining import sentences
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.identity.read_models import ActiveJudgement
from identity_graph.domain.identity.resolution import RefusalCode, member_of
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.explaining.chains import Hop
from identity_graph.service.explaining.parts import Part, Parts, pair_of
from identity_graph.service.explaining.shown_links import ShownLink, said_of
from identity_graph.store.corrections.judgements import UNBOUND, UNLINKED
from identity_graph.store.driver.graph import ConflictError
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.explaining import parts as store
from identity_graph.store.explaining.parts import QuarantineTimeRow


@dataclass(frozen=True, slots=True)
class Between:
    """Something that stands between two identifiers. ``a`` and ``b`` are keys; ``seen_at`` is set when ``a`` is no node.

    ``message`` is a sentence, ``reason`` the part of it that says what the rule is, and the numbers.
    """

    code: str
    message: str
    at: Instant
    a: str
    b: str | None
    rule_version: int
    event_id: str | None = None
    reason: str = ""
    seen_at: Instant | None = None

    @property
    def about(self) -> tuple[str, str, str | None]:
        """Tells two of them apart."""
        return self.code, self.a, self.b


async def find_between(tx: ReadTransaction, parts: Parts, hop: Hop) -> list[Between]:
    """Say why a hop joins nobody; at least one reason.

    Raises:
        ConflictError: it is not refused any more.
    """
    source, target = parts.customers[hop.source], parts.customers[hop.target]
    if hop.link is not None and hop.link.is_quarantined:
        return await _find_quarantines(tx, parts, hop)
    different = _different(parts, hop.source, hop.target)
    if hop.link is None:
        return (
            [_of_different(different[0], parts)] if different else [_of_pair(hop, _limit(parts, source, target), parts)]
        )
    for key in hop.pair:
        if any(key in part.members and part.members[key].ambiguous for part in (source, target)):
            return [_of_pair(hop, (RefusalCode.AMBIGUOUS_OWNER, sentences.say_ambiguous(key)), parts)]
    if different:
        return [_of_different(different[0], parts)]
    return [_of_pair(hop, _limit(parts, source, target), parts)]


def find_judged(
    parts: Parts, start: str, end: str, pair: Pair, has_chain: bool, known: list[Between]
) -> Iterable[Between]:
    """Say what people said between two customers and, when a chain leads over others, why the two could not be one."""
    for row in _different(parts, start, end):
        yield _of_different(row, parts)
    for row in _between(parts, start, end, UNLINKED):
        one, other = pair_of(row.a, row.b or "")
        if (one, other) not in parts.customers[start].links:
            reason = sentences.say_unlinked(one, other, row.until or row.at, said_of(row))
            version = parts.rule_version
            yield Between(UNLINKED, f"{reason}.", row.at, one, other, version, reason=reason)
    for row in _unbound(parts, pair):
        reason = sentences.say_unbound(row.a, row.until or row.at, said_of(row))
        yield Between(UNBOUND, f"{reason}.", row.at, row.a, None, parts.rule_version, reason=reason)
    direct = {hop_code for hop_code in RefusalCode if hop_code in {item.code for item in known}}
    if has_chain and not direct & {RefusalCode.LIMIT_EXCEEDED, RefusalCode.CUSTOMER_FULL, RefusalCode.JUDGED_DIFFERENT}:
        code, reason = _limit(parts, parts.customers[start], parts.customers[end])
        if reason != sentences.say_stood_between():
            message = f"{sentences.name(pair[0])} and {sentences.name(pair[1])} cannot be the same customer: {reason}."
            at = max(item.at for item in known)
            yield Between(code, message, at, *pair, _version(parts, start, end), reason=reason)


async def _find_quarantines(tx: ReadTransaction, parts: Parts, hop: Hop) -> list[Between]:
    rows = await store.list_quarantine_times(tx, keys=list(hop.pair))
    if not rows:
        raise ConflictError
    return [_of_quarantine(row, parts, _version(parts, hop.source, hop.target)) for row in rows]


def _of_quarantine(row: QuarantineTimeRow, parts: Parts, version: int) -> Between:
    reason = sentences.say_quarantined(row.key, json.loads(row.partners), parts.rules)
    return Between(RefusalCode.QUARANTINED, f"{reason}.", row.at, row.key, None, version, reason=reason)


def _of_pair(hop: Hop, why: tuple[RefusalCode, str], parts: Parts) -> Between:
    code, reason = why
    shown = ShownLink.of_hop(hop, code)
    at = shown.last_seen if hop.link is None or hop.link.refused_at is None else hop.link.refused_at
    message = sentences.say_refused(shown.seen(), reason)
    return Between(code, message, at, *hop.pair, _version(parts, hop.source, hop.target), reason=reason)


def _of_different(row: ActiveJudgement, parts: Parts) -> Between:
    one, other = pair_of(row.a, row.b or "")
    reason = sentences.say_different(one, other, said_of(row))
    return Between(RefusalCode.JUDGED_DIFFERENT, f"{reason}.", row.at, one, other, parts.rule_version, reason=reason)


def _limit(parts: Parts, one: Part, other: Part) -> tuple[RefusalCode, str]:
    rules = parts.rules
    if one.state.size + other.state.size > rules.max_identifiers:
        return RefusalCode.CUSTOMER_FULL, sentences.say_full(one.state.size, other.state.size, rules.max_identifiers)
    said = sentences.say_limit(_members(one, rules), _members(other, rules), rules)
    return RefusalCode.LIMIT_EXCEEDED, said or sentences.say_stood_between()


def _members(part: Part, rules: RuleSet) -> list[Member]:
    return [member_of(Identifier.from_key(key), row.last_seen, rules) for key, row in sorted(part.members.items())]


def _different(parts: Parts, one: str, other: str) -> list[ActiveJudgement]:
    return _between(parts, one, other, Verdict.DIFFERENT)


def _between(parts: Parts, one: str, other: str, verdict: str) -> list[ActiveJudgement]:
    """Give what people said of this kind about two customers, the oldest first."""
    rows = [
        row
        for row in parts.judgements.values()
        if row.verdict == verdict and row.b is not None and {row.customer_a, row.customer_b} == {one, other}
    ]
    return sorted(rows, key=lambda row: (row.at, row.id))


def _unbound(parts: Parts, pair: Pair) -> list[ActiveJudgement]:
    """Give the newest unbinding of each of the two."""
    newest: dict[str, ActiveJudgement] = {}
    for row in sorted(parts.judgements.values(), key=lambda row: (row.until or row.at, row.id)):
        if row.verdict == UNBOUND and row.a in pair:
            newest[row.a] = row
    return [row for _, row in sorted(newest.items())]


def _version(parts: Parts, *ids: str) -> int:
    return max(parts.customers[id].state.rule_version for id in ids)
