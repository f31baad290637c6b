"""Writing a rule as plain values: what ``reading`` reads, with every time as it was written."""

from typing import Any

from identity_graph.domain.segments.rule_tree import (
    All,
    AnyOf,
    ChannelRule,
    ConsentRule,
    CountRule,
    EventRule,
    IdentifierRule,
    JoinedRule,
    KnownRule,
    MeasureRule,
    MetricRule,
    Not,
    Occurrence,
    Operand,
    Operator,
    OrderRule,
    PermittedRule,
    PropertyRule,
    Rule,
    SegmentRule,
    SequenceRule,
    ShareRule,
    Timing,
    TraitRule,
)

Written = dict[str, Any]


def write_rule(rule: Rule) -> Written:
    """Write a rule as a mapping. Fields that hold the default are left out."""
    match rule:
        case All():
            return {"all": [write_rule(one) for one in rule.rules]}
        case AnyOf():
            return {"any": [write_rule(one) for one in rule.rules]}
        case Not():
            return {"not": write_rule(rule.rule)}
        case EventRule():
            return {"did": _event(rule)}
        case SequenceRule():
            without = {} if rule.without is None else {"without": _event(rule.without)}
            same = {"same": [*rule.same]} if rule.same else {}
            steps = [_event(step) for step in rule.steps]
            return {"sequence": {"steps": steps, "within": rule.within.text, **without, **same}}
        case OrderRule():
            lines = _given(product=rule.product, category=rule.category)
            return {"ordered": {**_where(rule.where), **lines, **_count(rule.count), **_timing(rule.timing)}}
        case _:
            return _write_plain(rule)


def _write_plain(
    rule: TraitRule
    | MetricRule
    | IdentifierRule
    | JoinedRule
    | SegmentRule
    | ChannelRule
    | ConsentRule
    | PermittedRule
    | KnownRule
    | ShareRule,
) -> Written:
    match rule:
        case TraitRule():
            held = None if rule.held_for is None else rule.held_for.text
            return {"trait": {**_compared(rule.name, rule.op, rule.value), **_given(heldFor=held)}}
        case MetricRule():
            percentile = {"percentile": True} if rule.percentile else {}
            return {"metric": {**_compared(rule.name.value, rule.op, rule.value), **percentile}}
        case IdentifierRule():
            return {"hasIdentifier": rule.namespace}
        case JoinedRule():
            return {"joinedBy": rule.namespace}
        case SegmentRule():
            return {"inSegment": rule.segment}
        case ChannelRule():
            within = None if rule.within is None else rule.within.text
            return {"seenOn": {"channel": rule.channel.value, **_given(within=within)}}
        case ConsentRule():
            channel = None if rule.channel is None else rule.channel.value
            return {"consent": {"purpose": rule.purpose, **_given(channel=channel), "state": rule.state.value}}
        case PermittedRule():
            channel = None if rule.channel is None else rule.channel.value
            return {"permitted": {"purpose": rule.purpose, **_given(channel=channel)}}
        case KnownRule():
            return {"knownFor": rule.span.text}
        case _:
            return {"share": {"of": rule.of, "salt": rule.salt}}


def _event(rule: EventRule) -> Written:
    channel = None if rule.channel is None else rule.channel.value
    pick = {} if rule.pick is Occurrence.ANY else {"pick": rule.pick.value}
    return {
        "event": rule.event,
        **_where(rule.where),
        **_given(channel=channel),
        **_count(rule.count),
        **_measure(rule.measure),
        **pick,
        **_timing(rule.timing),
    }


def _where(where: tuple[PropertyRule, ...]) -> Written:
    return {"where": [_compared(one.name, one.op, one.value) for one in where]} if where else {}


def _count(count: CountRule | None) -> Written:
    return {} if count is None else {"count": {"op": count.op.value, "value": count.value}}


def _measure(measure: MeasureRule | None) -> Written:
    if measure is None:
        return {}
    return {"measure": {**_given(of=measure.of), "as": measure.kind.value, **_value(measure.op, measure.value)}}


def _timing(timing: Timing) -> Written:
    found: Written = {}
    if timing.within is not None:
        found["within"] = timing.within.text
    if timing.between is not None:
        found["between"] = {"from": timing.between[0].text, "to": timing.between[1].text}
    if timing.days is not None:
        found["days"] = {"from": timing.days[0], "to": timing.days[1]}
    if timing.start is not None:
        found["from"] = timing.start.text
    if timing.end is not None:
        found["to"] = timing.end.text
    return found


def _compared(name: str, op: Operator, value: Operand) -> Written:
    return {"name": name, **_value(op, value)}


def _value(op: Operator, value: Operand) -> Written:
    return {"op": op.value, **_given(value=[*value] if isinstance(value, tuple) else value)}


def _given(**values: object) -> Written:
    return {name: value for name, value in values.items() if value is not None}
