"""How a customer stands: the score and the stages follow from purchases, identifiers, the cut and now."""

from datetime import UTC
from decimal import Decimal

from identity_graph.domain.profiles.classes import RfmScore
from identity_graph.domain.profiles.commerce import DEFAULT_COMMERCE
from identity_graph.domain.profiles.lifecycle import RhythmSource
from identity_graph.domain.profiles.money import Money
from identity_graph.domain.profiles.purchases import Purchase, sum_up
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.rfm import RfmBoundaries, RfmCut
from identity_graph.domain.profiles.standing import find_stages, score_spending
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.instants import DAY

IN_FORCE = InForce(load_preset(), 1)
BOUNDARIES = RfmBoundaries((10, 20), (3, 2), (Decimal(100), Decimal(50)), 3, 3, 3)
CUT = RfmCut(7, 0, "boundaries", 9, "CNY", BOUNDARIES, 20 * DAY)
BOUGHT = [Purchase(day * DAY, Money(Decimal(40), "CNY")) for day in (10, 15)]


def test_a_score_needs_a_purchase_and_a_cut() -> None:
    now = 27 * DAY
    spent, nothing = sum_up(BOUGHT, DEFAULT_COMMERCE), sum_up([], DEFAULT_COMMERCE)
    assert score_spending(spent, CUT, now, UTC) == RfmScore(12, "222", 7)
    assert score_spending(spent, None, now, UTC) == RfmScore(12, None, None)
    assert score_spending(nothing, CUT, now, UTC) == RfmScore(None, None, 7)


def test_stages_follow_from_identifiers_purchases_and_the_rhythm_of_the_cut() -> None:
    seen = [("anonymous_id", 1 * DAY), ("phone", 4 * DAY)]
    changes = find_stages(DAY, seen, BOUGHT, IN_FORCE.catalogue, IN_FORCE.rules, now=50 * DAY, cut=CUT)
    assert [(change.at // DAY, change.stage) for change in changes] == [
        (1, "ANONYMOUS"),
        (4, "POTENTIAL"),
        (10, "NEW"),
        (15, "ACTIVE"),
        (45, "AT_RISK"),
    ]
    assert changes[-1].rhythm_source is RhythmSource.POPULATION
    alone = find_stages(DAY, seen, BOUGHT, IN_FORCE.catalogue, IN_FORCE.rules, now=50 * DAY, cut=None)
    assert [(change.stage, change.rhythm_source) for change in alone[-1:]] == [("ACTIVE", RhythmSource.RULES)]
