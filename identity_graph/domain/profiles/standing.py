"""How a customer stands: the score under a cut, and the stages of life."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.classes import RfmScore
from identity_graph.domain.profiles.lifecycle import LifeFacts, StageChange, derive_stages, find_known_since
from identity_graph.domain.profiles.purchases import Purchase, Spending
from identity_graph.domain.profiles.rfm import RfmCut, RfmNumbers, score
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Instant


def score_spending(spent: Spending, cut: RfmCut | None, now: Instant, zone: tzinfo) -> RfmScore:
    """Score what a customer bought; without a purchase or a cut there is no score."""
    days = spent.recency_days(now, zone)
    version = None if cut is None else cut.version
    if days is None or cut is None:
        return RfmScore(days, None, version)
    return RfmScore(days, score(RfmNumbers(days, spent.purchases, spent.total.amount), cut.boundaries), version)


def find_stages(
    first_seen: Instant,
    seen: Iterable[tuple[str, Instant]],
    purchases: Sequence[Purchase],
    catalogue: Catalogue,
    rules: RuleSet,
    *,
    now: Instant,
    cut: RfmCut | None,
) -> list[StageChange]:
    """Derive the changes of a customer's stage up to now, the first one first; the last one holds.

    ``seen`` are the namespaces of the customer's identifiers and when these were first seen; ``purchases`` are in the order of
    time.
    """
    known_since = find_known_since(seen, catalogue.lifecycle, rules)
    facts = LifeFacts(first_seen, known_since, [purchase.at for purchase in purchases])
    return derive_stages(facts, catalogue.lifecycle, now, None if cut is None else cut.rhythm)
