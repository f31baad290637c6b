"""The stage of life as Cypher: it follows from the last purchase for those who are not measured by their own rhythm.

Of customers with many purchases, whose own rhythm counts, and where a return is to be told from a settled customer, it is unsure.
"""

from typing import NamedTuple

from identity_graph.domain.profiles.lifecycle import LifecycleStage
from identity_graph.domain.segments.comparing import Test
from identity_graph.domain.segments.rule_tree import MetricRule, Operator
from identity_graph.domain.segments.types import METRIC_TYPES, kind_of
from identity_graph.domain.values.observations import Instant
from identity_graph.store.segments.compiling_asked import Asked, so_far
from identity_graph.store.segments.compiling_bounds import Bounds, both, compare, either, how_many, is_there, no

_ORDERS = "(c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(o:Order)"
_IDENTIFIERS = "(c)<-[:BELONGS_TO]-(i:Identifier)"


class _Case(NamedTuple):
    """Customers of whom one thing is true, and the stages that they may be in."""

    condition: str
    stages: frozenset[LifecycleStage]


def compile_stage(rule: MetricRule, bought: str, asked: Asked) -> Bounds:
    """Say who is in one of the stages that fit; ``bought`` are the orders that count."""
    test = Test(rule.op, rule.value, kind_of(METRIC_TYPES[rule.name]), asked.terms.zone)
    fitting = frozenset(stage for stage in LifecycleStage if test.holds(stage.value, asked.now))
    cases = _cases(bought, asked)
    upper = either(*(case.condition for case in cases if case.stages & fitting))
    lower = either(*(case.condition for case in cases if case.stages <= fitting))
    return Bounds(upper, lower)


def _cases(bought: str, asked: Asked) -> list[_Case]:
    """Divide all customers; each is of exactly one case."""
    stage, rules, given = LifecycleStage, asked.terms.catalogue.lifecycle, asked.given

    def later_than(at: Instant) -> str:
        return is_there(_ORDERS, bought, f"o.at > {given.moment(at)}")

    cut = asked.terms.cut
    population = rules.rhythm if cut is None or cut.rhythm is None else cut.rhythm
    rhythm = max(population, rules.shortest_rhythm)
    none, one = no(is_there(_ORDERS, bought)), f"{how_many(_ORDERS, bought)} = 1"
    few = compare(how_many(_ORDERS, bought), Operator.LT, max(rules.own_rhythm_from, 2), given)
    is_buyer, known = is_there(_ORDERS, bought), _is_known(asked)
    recent = later_than(asked.now - int(rhythm * rules.at_risk_after))
    kept = later_than(asked.now - int(rhythm * rules.churned_after))
    fresh = later_than(asked.now - rules.new_for)
    never_late = later_than(asked.now - int(rules.shortest_rhythm * rules.at_risk_after))
    settled = {stage.LOYAL if rules.loyal_from <= 1 else stage.ACTIVE}
    back = frozenset({stage.ACTIVE, stage.LOYAL, stage.RETURNED})
    return [
        _Case(both(none, known), frozenset({stage.POTENTIAL})),
        _Case(both(none, no(known)), frozenset({stage.ANONYMOUS})),
        _Case(both(one, recent, fresh), frozenset({stage.NEW})),
        _Case(both(one, recent, no(fresh)), frozenset(settled)),
        _Case(both(is_buyer, few, no(one), recent), back),
        _Case(both(is_buyer, few, no(recent), kept), frozenset({stage.AT_RISK})),
        _Case(both(is_buyer, few, no(kept)), frozenset({stage.CHURNED})),
        _Case(both(no(few), never_late), back),
        _Case(both(no(few), no(never_late)), frozenset({*back, stage.AT_RISK, stage.CHURNED})),
    ]


def _is_known(asked: Asked) -> str:
    """Ask for an identifier that makes a customer known: see ``find_known_since``."""
    identity, anonymous = asked.terms.rules, asked.terms.catalogue.lifecycle.anonymous
    seen = so_far(asked).holds("i.first_seen", asked)
    visitors = {rule.name for rule in identity.namespaces.values() if rule.visitor}
    if identity.accept_undeclared:
        wanted = f"NOT i.namespace IN {asked.given(sorted({*visitors, *anonymous}))}"
    else:
        wanted = f"i.namespace IN {asked.given(sorted(identity.namespaces.keys() - visitors - {*anonymous}))}"
    return is_there(_IDENTIFIERS, wanted, seen)
