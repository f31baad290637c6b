"""Binding rules to the facts of a customer: the view that each condition has, and among whom a rule is asked."""

from identity_graph.domain.segments.comparing import FOREVER
from identity_graph.domain.segments.event_leaves import ChannelLeaf, EventLeaf
from identity_graph.domain.segments.leaves import LeafView, Since
from identity_graph.domain.segments.metric_leaf import MetricLeaf
from identity_graph.domain.segments.order_leaf import OrderLeaf
from identity_graph.domain.segments.permitted_leaf import PermittedLeaf
from identity_graph.domain.segments.plain_leaves import (
    consent_leaf,
    identifier_leaf,
    joined_leaf,
    known_leaf,
    segment_leaf,
    share_leaf,
)
from identity_graph.domain.segments.rule_tree import (
    All,
    Audience,
    ChannelRule,
    ConsentRule,
    EventRule,
    IdentifierRule,
    JoinedRule,
    KnownRule,
    Leaf,
    MetricRule,
    OrderRule,
    PermittedRule,
    SegmentRule,
    SequenceRule,
    TraitRule,
)
from identity_graph.domain.segments.sequence_leaf import SequenceLeaf
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.segments.trait_leaf import TraitLeaf
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.times import EARLIEST

ANYBODY = All(())


def bind_leaf(rule: Leaf, sheet: FactSheet, terms: Terms) -> LeafView:
    """Give the view of a condition."""
    match rule:
        case TraitRule():
            return TraitLeaf(rule, sheet, terms)
        case MetricRule():
            return MetricLeaf(rule, sheet, terms)
        case EventRule():
            return EventLeaf(rule, sheet, terms)
        case SequenceRule():
            return SequenceLeaf(rule, sheet, terms)
        case OrderRule():
            return OrderLeaf(rule, sheet, terms)
        case ChannelRule():
            return ChannelLeaf(rule, sheet)
        case IdentifierRule():
            return identifier_leaf(rule, sheet)
        case JoinedRule():
            return joined_leaf(rule, sheet, terms)
        case SegmentRule():
            return segment_leaf(rule, sheet)
        case ConsentRule():
            return consent_leaf(rule, sheet)
        case PermittedRule():
            return PermittedLeaf(rule, sheet, terms)
        case KnownRule():
            return known_leaf(rule, sheet)
        case _:
            return share_leaf(rule, sheet)


def in_audience(audience: Audience, sheet: FactSheet, terms: Terms) -> Since:
    """Ask whether a customer is one of the audience: known by an identifier that is no visitor's, or just anybody."""
    if audience is Audience.ALL:
        return Since(EARLIEST)
    seen = [moment for key, moment in sheet.identifiers.items() if _is_of_a_person(key, terms)]
    return Since(min(seen, default=FOREVER))


def _is_of_a_person(key: str, terms: Terms) -> bool:
    rule = terms.rules.find_namespace(namespace_of(key))
    return rule is not None and not rule.visitor
