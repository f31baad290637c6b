"""The fast path: whether customers that an observation touches may be joined without looking at their links.

It holds because an observation only adds links among what it touches, or moves them earlier in their order: when the
whole fits every limit, nothing can stand against it, and what was refused before stays refused.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.rules.rule_set import Limit, RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant


@dataclass(slots=True)
class CustomerState:
    """What a customer keeps of its identifiers, so that most observations need no more.

    ``counts`` are identifiers per scope with a limit. ``contested``: a refused link, other than a quarantined one, leads
    out of it; ``contested_by_window``: one of them was refused by a limit that counts only recent identifiers. ``judged``:
    a person said of one of its identifiers that it is the same as another, or different. ``rule_version`` is that of the
    rules under which it was last resolved.
    """

    id: str
    created_at: Instant
    first_seen: Instant
    last_seen: Instant
    updated_at: Instant
    size: int
    counts: dict[str, int]
    contested: bool = False
    contested_by_window: bool = False
    judged: bool = False
    rule_version: int = 1


def may_join(customers: Sequence[CustomerState], newcomers: Sequence[Member], newest: Instant, rules: RuleSet) -> bool:
    """Whether the customers and the new identifiers become one customer whatever their links are.

    ``newest`` is the last moment at which any of them was observed. None of them may be, or become, quarantined, and no
    newcomer was judged.
    """
    if len(customers) + len(newcomers) > 1:
        size = len(newcomers) + sum(customer.size for customer in customers)
        if size > rules.max_identifiers:
            return False
    if any(customer.judged for customer in customers):
        return False
    if rules.has_nobody and any(customer.contested for customer in customers):
        return False
    if any(customer.contested_by_window and newest > customer.last_seen for customer in customers):
        return False
    totals: dict[str, tuple[int, int]] = {}
    for counts in _all_counts(customers, newcomers):
        for scope, count in counts.items():
            total, having = totals.get(scope, (0, 0))
            totals[scope] = (total + count, having + 1)
    return all(_fits(scope, total, having, rules) for scope, (total, having) in totals.items())


def count_scopes(identifiers: Iterable[Identifier], rules: RuleSet) -> dict[str, int]:
    """Count identifiers per scope with a limit."""
    counts: Counter[str] = Counter()
    for namespace, value in identifiers:
        rule = rules.get_namespace(namespace)
        if rule.limit is not None:
            counts[rule.scope_of(value)] += 1
    return counts


def _all_counts(customers: Sequence[CustomerState], newcomers: Sequence[Member]) -> Iterable[dict[str, int]]:
    for customer in customers:
        yield customer.counts
    for member in newcomers:
        if member.scope is not None:
            yield {member.scope: 1}


def _fits(scope: str, total: int, having: int, rules: RuleSet) -> bool:
    limit = limit_of(scope, rules)
    return limit is None or total <= limit.count or (limit.within is None and having == 1)


def limit_of(scope: str, rules: RuleSet) -> Limit | None:
    """Give the limit that holds for a scope (``namespace`` or ``namespace/scope``)."""
    return rules.get_namespace(scope.partition("/")[0]).limit
