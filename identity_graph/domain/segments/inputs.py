"""What a rule reads: a customer of whom nothing of it changed need not be evaluated again before its next moment."""

from collections.abc import Iterable

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.segments.rule_tree import (
    RELATIVE,
    Audience,
    ChannelRule,
    ConsentRule,
    EventRule,
    IdentifierRule,
    JoinedRule,
    Leaf,
    Metric,
    MetricRule,
    OrderRule,
    PermittedRule,
    Rule,
    SegmentRule,
    SequenceRule,
    ShareRule,
    TraitRule,
)
from identity_graph.domain.segments.types import SCORES
from identity_graph.domain.segments.walking import places_of


def inputs_of(rule: Rule, catalogue: Catalogue, audience: Audience = Audience.ALL) -> Inputs:
    """Tell what a rule reads."""
    found = Inputs(identifiers=audience is Audience.KNOWN)
    for _, one in places_of(rule):
        found |= _inputs_of(one, catalogue)
    return found


def _inputs_of(rule: Leaf, catalogue: Catalogue) -> Inputs:
    match rule:
        case TraitRule():
            return _of_trait(rule, catalogue)
        case MetricRule():
            return _of_metric(rule.name)
        case EventRule():
            return _of_events([rule])
        case SequenceRule():
            steps = _of_events(rule.steps if rule.without is None else (*rule.steps, rule.without))
            return steps | Inputs(time=rule.without is not None)
        case OrderRule():
            return Inputs(orders=True, time=rule.timing.within is not None or rule.timing.between is not None)
        case ChannelRule():
            return Inputs(channels=frozenset({rule.channel}), time=rule.within is not None)
        case IdentifierRule() | ShareRule():
            return Inputs(identifiers=True)
        case JoinedRule():
            return Inputs(links=True)
        case SegmentRule():
            return Inputs(segments=frozenset({rule.segment}))
        case ConsentRule():
            return Inputs(consents=frozenset({rule.purpose}))
        case PermittedRule():
            return Inputs(consents=frozenset({rule.purpose}), traits=catalogue.consent.traits, time=True)
        case _:
            return Inputs(first_seen=True, time=True)


def _of_trait(rule: TraitRule, catalogue: Catalogue) -> Inputs:
    is_held = rule.held_for is not None
    computed = catalogue.computed.get(rule.name)
    time = is_held or rule.op in RELATIVE
    if computed is None:
        name = frozenset({rule.name})
        return Inputs(traits=name, held=name if is_held else frozenset(), first_seen=is_held, time=time)
    return Inputs(events=computed.events, first_seen=is_held, time=time or computed.within is not None)


def _of_metric(metric: Metric) -> Inputs:
    match metric:
        case Metric.SESSIONS:
            return Inputs(sessions=True)
        case Metric.PREFERRED_CHANNEL:
            return Inputs(preferred_channel=True)
        case Metric.QUALITY:
            return Inputs(all_traits=True, identifiers=True, time=True)
        case Metric.LIFECYCLE:
            return Inputs(orders=True, identifiers=True, first_seen=True, scores=True, time=True)
        case _:
            # Where the catalogue names no reporting currency, money is compared in that of the cut.
            is_moving = metric in {Metric.RECENCY_DAYS, Metric.RFM_RECENCY}
            is_money = metric in {Metric.REVENUE, Metric.AVERAGE_ORDER, Metric.REFUNDED}
            return Inputs(orders=True, scores=metric in SCORES or is_money, time=is_moving)


def _of_events(rules: Iterable[EventRule]) -> Inputs:
    own = list(rules)
    is_moving = any(
        rule.timing.within is not None
        or rule.timing.between is not None
        or rule.timing.days is not None
        or any(one.op in RELATIVE for one in rule.where)
        for rule in own
    )
    return Inputs(events=frozenset(rule.event for rule in own), time=is_moving)
