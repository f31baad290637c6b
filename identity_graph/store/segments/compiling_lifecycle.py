"""The stage of life as Cypher: it follows from the last purchase for those who are not measured by their own rhythm.

Of customers with many purchases, whose own rhythm counts, and where a return is to be told from a settled customer, it is unsure.
"""

from typing import NamedTuple

from identity_graph.domain.profiles.lifecycle import LifecycleStage
from identity_graph.domain.segments.comparing import Test
from identity_graph.domain.segments.rule_tree import MetricRule
from identity_graph.domain.segments.types import METRIC_TYPES, kind_of
from identity_graph.domain.values.observations import Instant
from identity_graph.store.segments.compiling_asked import Asked, so_far
from identity_graph.store.segments.compiling_bounds import Bounds, both, either, is_there, no
from identity_graph.store.segments.compiling_orders import Sums, bought

_IDENTIFIERS = "(c)<-[:BELONGS_TO]-(i:Identifier)"


class _Case(NamedTuple):
    """Customers of whom one thing is true, and the stages that they may be in."""

    condition: str
    stages: frozenset[LifecycleStage]


def compile_stage(rule: MetricRule, asked: Asked) -> Bounds:
    """Say who is in one of the stages that fit."""
    test = Test(rule.op, rule.value, kind_of(METRIC_TYPES[rule.name]), asked.terms.zone)
    fitting = frozenset(stage for stage in LifecycleStage if test.holds(stage.value, asked.now))
    cases = _cases(asked)
    upper = either(*(case.condition for case in cases if case.stages & fitting))
    lower = either(*(case.condition for case in cases if case.stages <= fitting))
    return Sums(bought(asked), "0").of_each(Bounds(upper, lower), asked)


def _cases(asked: Asked) -> list[_Case]:
    """Divide all customers; each is of exactly one case."""
    stage, rules, given = LifecycleStage, asked.terms.catalogue.lifecycle, asked.given
    cut = asked.terms.cut
    population = rules.rhythm if cut is None or cut.rhythm is None else cut.rhythm
    rhythm = max(population, rules.shortest_rhythm)

    def later_than(span: Instant) -> str:
        return f"b.last > {given.moment(asked.now - span)}"

    none, one, several, known = "b.orders = 0", "b.orders = 1", "b.orders > 1", _is_known(asked)
    few = f"b.orders < {given(max(rules.own_rhythm_from, 2))}"
    recent = later_than(int(rhythm * rules.at_risk_after))
    kept = later_than(int(rhythm * rules.churned_after))
    fresh = later_than(rules.new_for)
    never_late = later_than(int(rules.shortest_rhythm * rules.at_risk_after))
    settled = frozenset({stage.LOYAL if rules.loyal_from <= 1 else stage.ACTIVE})
    back = frozenset({stage.ACTIVE, stage.LOYAL, stage.RETURNED})
    return [
        _Case(both(none, known), frozenset({stage.POTENTIAL})),
        _Case(both(none, no(known)), frozenset({stage.ANONYMOUS})),
        _Case(both(one, recent, fresh), frozenset({stage.NEW})),
        _Case(both(one, recent, no(fresh)), settled),
        _Case(both(several, few, recent), back),
        _Case(both("b.orders > 0", few, no(recent), kept), frozenset({stage.AT_RISK})),
        _Case(both("b.orders > 0", few, no(kept)), frozenset({stage.CHURNED})),
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
