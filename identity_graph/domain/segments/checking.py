"""Checking a rule against what there is: names, types, operators and values that make sense together.

What cannot be evaluated is refused when a rule is saved. Types may change later: then the rule has a fault, and nobody is in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_graph.domain.consent.permission import find_purpose_fault
from identity_graph.domain.profiles.lifecycle import LifecycleStage
from identity_graph.domain.profiles.orders import OrderState
from identity_graph.domain.profiles.rfm import MOST_CLASSES
from identity_graph.domain.profiles.trait_types import ValueType
from identity_graph.domain.segments.cycles import find_cycle
from identity_graph.domain.segments.fields import Finding
from identity_graph.domain.segments.metric_leaf import shares_of
from identity_graph.domain.segments.operands import check_comparison
from identity_graph.domain.segments.rule_tree import (
    ALWAYS,
    RELATIVE,
    ChannelRule,
    ConsentRule,
    EventRule,
    IdentifierRule,
    JoinedRule,
    MeasureRule,
    Metric,
    MetricRule,
    Occurrence,
    OrderRule,
    PermittedRule,
    PropertyRule,
    Rule,
    SegmentRule,
    SequenceRule,
    TraitRule,
)
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.segments.types import METRIC_TYPES, ORDER_TYPES, SCORES, type_of_trait
from identity_graph.domain.segments.walking import places_of
from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.yaml_sections import did_you_mean, near_word

_WORDS: dict[Metric, tuple[str, ...]] = {
    Metric.LIFECYCLE: tuple(LifecycleStage),
    Metric.PREFERRED_CHANNEL: tuple(Channel),
}


@dataclass(frozen=True)
class Known:
    """What a rule may refer to: the terms, and the rules of the other segments by their ids. ``own`` is the id of this one.

    ``names`` of segments, by their ids, make messages easier to read.
    """

    terms: Terms
    segments: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    own: str | None = None
    names: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Checked:
    """What is wrong with a rule, and what is only worth a look."""

    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def check_rule(rule: Rule, known: Known) -> Checked:
    """Check a rule before it is saved."""
    problems = [*find_faults(rule, known.terms), *_check_segments(rule, known)]
    return Checked(tuple(problems), tuple(_find_warnings(rule, known.terms)))


def find_faults(rule: Rule, terms: Terms) -> Iterator[Finding]:
    """Find what cannot be evaluated under terms."""
    for path, one in places_of(rule):
        match one:
            case TraitRule():
                yield from _check_trait(one, path, terms)
            case MetricRule():
                yield from _check_metric(one, path, terms)
            case EventRule():
                yield from _check_event(one, path)
            case SequenceRule():
                yield from _check_sequence(one, path)
            case OrderRule():
                yield from _check_order(one, path)
            case IdentifierRule() | JoinedRule():
                yield from _check_namespace(one.namespace, path, terms)
            case PermittedRule():
                yield from _check_permitted(one, path, terms)
            case _:
                pass


def _check_trait(rule: TraitRule, path: str, terms: Terms) -> Iterator[Finding]:
    type = type_of_trait(rule.name, terms.catalogue)
    yield from check_comparison(rule.op, rule.value, type, path, f"the trait {rule.name!r}")
    declared = terms.catalogue.traits.get(rule.name)
    if declared is not None and declared.values and declared.result is declared.type:
        yield from _check_words(rule.value, declared.values, path)
    if rule.held_for is not None and rule.op in RELATIVE:
        problem = (
            f"{rule.op} changes with time by itself, so nothing is held; leave heldFor out, or compare with fixed days"
        )
        yield Finding(f"{path}.heldFor", problem)


def _check_metric(rule: MetricRule, path: str, terms: Terms) -> Iterator[Finding]:
    yield from check_comparison(rule.op, rule.value, METRIC_TYPES[rule.name], path, f"the metric {rule.name}")
    if rule.name in _WORDS:
        yield from _check_words(rule.value, _WORDS[rule.name], path)
    if rule.percentile:
        yield from _check_percentile(rule, path, terms)
    elif rule.name in SCORES:
        for value in _each(rule.value):
            if isinstance(value, int | float) and not 1 <= value <= MOST_CLASSES:
                yield Finding(f"{path}.value", f"a score is from 1 to {MOST_CLASSES}, 5 is the best of quintiles")


def _check_percentile(rule: MetricRule, path: str, terms: Terms) -> Iterator[Finding]:
    if rule.name not in SCORES:
        names = ", ".join(SCORES)
        yield Finding(
            f"{path}.percentile", f"percentages are those of the RFM cut; use one of {names}, or compare a number"
        )
        return
    shares = shares_of(terms)
    if not shares:
        problem = (
            "the catalogue cuts RFM by boundaries of its own, so percentages are unknown; compare the score instead"
        )
        yield Finding(f"{path}.percentile", problem)
        return
    told = {sum(shares[number:]) for number in range(1, len(shares) + 1)}
    wrong = [value for value in _each(rule.value) if value not in told]
    if wrong:
        words = ", ".join(str(percent) for percent in sorted(told))
        yield Finding(
            f"{path}.value", f"the cut tells apart {words} percent of all who bought; GE 80 are the best 20 percent"
        )


def _check_event(rule: EventRule, path: str) -> Iterator[Finding]:
    yield from _check_where(rule.where, path)
    if rule.measure is not None:
        yield from _check_measure(rule.measure, f"{path}.measure")
    if rule.pick is not Occurrence.ANY and (rule.count is not None or rule.measure is not None):
        problem = f"{rule.pick} means one occurrence, so there is nothing to count or to measure; leave one of them out"
        yield Finding(f"{path}.pick", problem)


def _check_measure(rule: MeasureRule, path: str) -> Iterator[Finding]:
    yield from check_comparison(rule.op, rule.value, ValueType.DECIMAL, path, f"what {rule.kind} gives")


def _check_where(where: tuple[PropertyRule, ...], path: str) -> Iterator[Finding]:
    for index, one in enumerate(where):
        place = f"{path}.where[{index}]"
        yield from check_comparison(one.op, one.value, ValueType.ANY, place, f"the property {one.name!r}")


def _check_sequence(rule: SequenceRule, path: str) -> Iterator[Finding]:
    if len(rule.steps) == 1 and rule.without is None:
        yield Finding(f"{path}.steps", "one event is no sequence; write did, or say what must not follow in without")
    parts = [(f"{path}.steps[{index}]", step) for index, step in enumerate(rule.steps)]
    if rule.without is not None:
        parts.append((f"{path}.without", rule.without))
        if rule.without.timing != ALWAYS:
            problem = "any such event within the span of the sequence is meant; leave its times out"
            yield Finding(f"{path}.without", problem)
    for place, step in parts:
        yield from _check_event(step, place)
        if step.count is not None or step.measure is not None or step.pick is not Occurrence.ANY:
            problem = "an event of a sequence is any one event; count, measure and pick in a condition of its own"
            yield Finding(place, problem)


def _check_order(rule: OrderRule, path: str) -> Iterator[Finding]:
    for index, one in enumerate(rule.where):
        place = f"{path}.where[{index}]"
        if one.name not in ORDER_TYPES:
            yield Finding(f"{place}.name", f"orders have no property {one.name!r}{did_you_mean(one.name, ORDER_TYPES)}")
            continue
        yield from check_comparison(one.op, one.value, ORDER_TYPES[one.name], place, f"the property {one.name!r}")
        if one.name == "state":
            yield from _check_words(one.value, tuple(OrderState), place)


def _check_words(value: Any, words: tuple[Any, ...], path: str) -> Iterator[Finding]:
    for one in _each(value):
        if one is not None and one not in words:
            known = [str(word) for word in words]
            yield Finding(f"{path}.value", f"{one!r} is no possible value{did_you_mean(str(one), known)}")


def _check_namespace(namespace: str, path: str, terms: Terms) -> Iterator[Finding]:
    if terms.rules.find_namespace(namespace) is None:
        known = did_you_mean(namespace, tuple(terms.rules.namespaces))
        yield Finding(path, f"the rules know no namespace {namespace!r}{known}")


def check_purpose(purpose: str | None, terms: Terms, path: str = "purpose") -> Iterator[Finding]:
    """Find what is wrong with the purpose of a segment."""
    fault = None if purpose is None else find_purpose_fault(purpose, terms.catalogue.consent)
    if fault is not None:
        yield Finding(path, fault)


def _check_permitted(rule: PermittedRule, path: str, terms: Terms) -> Iterator[Finding]:
    yield from check_purpose(rule.purpose, terms, f"{path}.purpose")
    purpose = terms.catalogue.consent.purposes.get(rule.purpose)
    if purpose is not None and rule.channel is not None and rule.channel not in purpose.channels:
        known = ", ".join(sorted(purpose.channels)) or "none"
        yield Finding(
            f"{path}.channel", f"nobody is contacted through {rule.channel} for {rule.purpose!r}; channels are {known}"
        )


def _check_segments(rule: Rule, known: Known) -> Iterator[Finding]:
    for path, one in places_of(rule):
        if isinstance(one, SegmentRule) and one.segment not in known.segments and one.segment != known.own:
            yield Finding(path, f"there is no segment {one.segment!r}{_find_meant(one.segment, known)}")
    if known.own is not None:
        cycle = find_cycle(known.own, {**known.segments, known.own: rule})
        if cycle:
            way = " → ".join(known.names.get(id, id) for id in cycle)
            problem = f"a segment cannot depend on itself: {way}; take one of these conditions out"
            yield Finding("", problem)


def _find_meant(text: str, known: Known) -> str:
    """Suggest the segment that is meant; starts with a semicolon."""
    named = next((id for id, name in known.names.items() if name == text), None)
    if named is not None:
        return f"; segments are named by their ids: write {named!r}"
    return near_word(text, tuple(known.segments)) or "; save it first"


def _find_warnings(rule: Rule, terms: Terms) -> Iterator[Finding]:
    names = {**terms.catalogue.traits, **terms.catalogue.computed}
    for path, one in places_of(rule):
        if isinstance(one, TraitRule) and one.name not in names:
            problem = f"the catalogue does not declare the trait {one.name!r}, so its values may be anything"
            yield Finding(f"{path}.name", f"{problem}{near_word(one.name, tuple(names))}")
        if isinstance(one, MetricRule) and one.name in SCORES and terms.cut is None:
            yield Finding(path, "no RFM cut was made yet; until then nobody has a score")
        if isinstance(one, ConsentRule):
            yield from check_purpose(one.purpose, terms, f"{path}.purpose")
        if isinstance(one, ChannelRule) and one.channel is Channel.OTHER:
            yield Finding(path, "OTHER are events whose channel is unknown")


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
