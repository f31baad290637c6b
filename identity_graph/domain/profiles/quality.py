"""The quality of a customer's profile: a score from 0 to 1, as the weighted mean of parts that each say why.

It is a function of the customer's identifiers, values and claims, the rules, the catalogue, and now.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant

STALE_DAYS = 365
"""Days after which a value that nobody confirmed counts as stale."""

COMPLETE, IDENTIFIED, VALID, FRESH = "complete", "identified", "valid", "fresh"

WEIGHTS = {COMPLETE: 0.4, IDENTIFIED: 0.2, VALID: 0.2, FRESH: 0.2}
"""How much each part counts; of those that apply to a customer."""


class QualityPart(NamedTuple):
    """A part of the score, from 0 to 1, and what it is: a sentence."""

    name: str
    score: float
    weight: float
    reason: str


class CheckedClaims(NamedTuple):
    """Of the customer's newest claims: how many hold a value, and how many of these count."""

    values: int = 0
    fitting: int = 0


def rate_profile(
    namespaces: Collection[str],
    values: Mapping[str, Instant],
    claims: CheckedClaims,
    rules: RuleSet,
    catalogue: Catalogue,
    now: Instant,
) -> list[QualityPart]:
    """Rate a profile by the namespaces of its identifiers, its values by name (when each was observed) and its claims.

    A part that does not apply is left out: without an expected trait in the catalogue nothing is incomplete, and what nobody
    said is neither invalid nor stale.
    """
    parts = [_identified(namespaces, rules)]
    expected = [name for name, trait in catalogue.traits.items() if trait.expected]
    if expected:
        parts.append(_complete(expected, values))
    if claims.values:
        reason = f"Values that fit the catalogue: {claims.fitting} of the newest {claims.values} that sources sent."
        parts.append(_part(VALID, claims.fitting / claims.values, reason))
    if values:
        fresh = sum(not is_stale(at, now) for at in values.values())
        reason = f"Values that were told in the last {STALE_DAYS} days: {fresh} of {len(values)}."
        parts.append(_part(FRESH, fresh / len(values), reason))
    order = list(WEIGHTS)
    return sorted(parts, key=lambda part: order.index(part.name))


def score_of(parts: Iterable[QualityPart]) -> float:
    """Give the weighted mean of parts, rounded to four digits; 0 without any."""
    rated = list(parts)
    weight = sum(part.weight for part in rated)
    return round(sum(part.score * part.weight for part in rated) / weight, 4) if rated else 0.0


def is_stale(observed_at: Instant, now: Instant) -> bool:
    """Tell whether a value is too old to rely on."""
    return now - observed_at > STALE_DAYS * DAY


def _identified(namespaces: Collection[str], rules: RuleSet) -> QualityPart:
    visitors = {rule.name for rule in rules.namespaces.values() if rule.visitor}
    known = sorted(set(namespaces) - visitors)
    if known:
        return _part(IDENTIFIED, 1.0, f"Known by {', '.join(known)}.")
    return _part(IDENTIFIED, 0.0, "Only visits are known: nothing says who it is.")


def _complete(expected: list[str], values: Mapping[str, Instant]) -> QualityPart:
    missing = [name for name in expected if name not in values]
    had = len(expected) - len(missing)
    reason = f"Expected traits that are known: {had} of {len(expected)}."
    if missing:
        reason = f"{reason} Missing: {', '.join(missing)}."
    return _part(COMPLETE, had / len(expected), reason)


def _part(name: str, score: float, reason: str) -> QualityPart:
    return QualityPart(name, score, WEIGHTS[name], reason)
