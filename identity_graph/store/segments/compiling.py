"""Compiling a rule to Cypher: whom it holds for at a moment, said in one query with parameters.

``docs/adr/0054-rules-as-two-bounds.md`` says why a condition becomes two expressions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity_graph.domain.segments.checking import find_faults
from identity_graph.domain.segments.rule_tree import (
    All,
    AnyOf,
    ChannelRule,
    ConsentRule,
    EventRule,
    IdentifierRule,
    JoinedRule,
    KnownRule,
    Leaf,
    MetricRule,
    Not,
    OrderRule,
    PermittedRule,
    Rule,
    SegmentRule,
    SequenceRule,
    TraitRule,
)
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.observations import Instant
from identity_graph.store.segments.compiling_asked import Asked, Definition
from identity_graph.store.segments.compiling_bounds import (
    NOBODY,
    UNSURE,
    Bounds,
    all_of,
    any_of,
    exactly,
    not_so,
)
from identity_graph.store.segments.compiling_events import compile_channel, compile_events, compile_sequence
from identity_graph.store.segments.compiling_metrics import compile_metric
from identity_graph.store.segments.compiling_orders import compile_orders
from identity_graph.store.segments.compiling_traits import compile_trait
from identity_graph.store.segments.compiling_who import (
    compile_audience,
    compile_consent,
    compile_identifier,
    compile_joined,
    compile_known,
    compile_share,
)

MOST_PARAMETERS = 80
"""Parameters of one query, some fifteen conditions; further conditions are for the evaluator.

Neo4j plans a query in a time that grows with the square of its size.
"""


@dataclass(frozen=True)
class Compiled:
    """A rule as Cypher: who may be in, who is for sure, and the parameters of both."""

    bounds: Bounds
    parameters: Mapping[str, Any]

    @property
    def is_exact(self) -> bool:
        """Whether Cypher alone decides."""
        return self.bounds.is_exact


def compile_rule(
    definition: Definition, terms: Terms, now: Instant, segments: Mapping[str, Definition] | None = None
) -> Compiled:
    """Compile a rule and its audience; other segments that it uses are compiled into it, with their pins.

    Its own pins outrank it. A rule that cannot be evaluated holds for nobody.
    """
    asked = Asked(terms, now, segments or {})
    return Compiled(_segment(definition, asked), asked.given.values)


def _segment(definition: Definition, asked: Asked) -> Bounds:
    if next(find_faults(definition.rule, asked.terms), None) is not None:
        bounds = NOBODY
    else:
        bounds = all_of([compile_audience(definition.audience, asked), _rule(definition.rule, asked)])
    for member in (False, True):
        pinned = sorted(id for id, is_in in definition.pins.items() if is_in is member)
        if pinned:
            own = exactly(f"c.id IN {asked.given(pinned)}")
            bounds = any_of([bounds, own]) if member else all_of([bounds, not_so(own)])
    return bounds


def _rule(rule: Rule, asked: Asked) -> Bounds:
    match rule:
        case All():
            return all_of(_rule(one, asked) for one in rule.rules)
        case AnyOf():
            return any_of(_rule(one, asked) for one in rule.rules)
        case Not():
            return not_so(_rule(rule.rule, asked))
        case _:
            return _leaf(rule, asked)


def _leaf(rule: Leaf, asked: Asked) -> Bounds:
    if len(asked.given.values) >= MOST_PARAMETERS:
        return UNSURE
    match rule:
        case TraitRule():
            return compile_trait(rule, asked)
        case MetricRule():
            return compile_metric(rule, asked)
        case EventRule():
            return compile_events(rule, asked)
        case SequenceRule():
            return compile_sequence(rule, asked)
        case OrderRule():
            return compile_orders(rule, asked)
        case ChannelRule():
            return compile_channel(rule, asked)
        case IdentifierRule():
            return compile_identifier(rule, asked)
        case JoinedRule():
            return compile_joined(rule, asked)
        case SegmentRule():
            used = asked.segments.get(rule.segment)
            return NOBODY if used is None else _segment(used, asked)
        case ConsentRule():
            return compile_consent()
        case PermittedRule():
            return UNSURE
        case KnownRule():
            return compile_known(rule, asked)
        case _:
            return compile_share(rule)
