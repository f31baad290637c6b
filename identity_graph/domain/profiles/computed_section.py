"""The part ``computed`` of a catalogue file."""

from collections.abc import Iterable
from typing import Any

from yaml.nodes import MappingNode, Node

from identity_graph.domain.profiles.computed_types import ComputedType, NamedValue
from identity_graph.domain.profiles.conditions import NUMERIC, Condition, Operator, hold_whenever, span_of
from identity_graph.domain.profiles.trait_types import NEEDED_TYPES, Policy, TraitClass, TraitType, ValueType
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text

_KEYS = ("event", "where", "policy", "of", "type", "size", "within", "named", "class")
_COUNTING = frozenset({Policy.COUNT, Policy.ACTIVE_DAYS})
_POLICIES = {
    policy.value: policy for policy in Policy if policy not in {Policy.NEWEST, Policy.OLDEST, Policy.SOURCE_PRIORITY}
}
_TYPES = {kind.value: kind for kind in ValueType}
_CLASSES = {kind.value: kind for kind in TraitClass}
_OPERATORS = tuple(operator.value for operator in Operator)
_FLAGS = {"true": True, "false": False}
_NUMBER = TraitType(name="", type=ValueType.DECIMAL)
_LARGEST_TOP = 100


def read_computed(section: Section) -> dict[str, ComputedType]:
    """Read the computed traits."""
    return {name: _read_one(section, name) for name in section}


def _read_one(traits: Section, name: str) -> ComputedType:
    section = traits.part(name, _KEYS)
    if "policy" not in section:
        section.problems.add(section.line, section.path("policy"), "missing; what do the events come to?")
    policy = section.choice("policy", _POLICIES, default=Policy.COUNT)
    return ComputedType(
        name=name,
        events=frozenset(_read_events(section)),
        policy=policy,
        where=tuple(_read_where(section)),
        of=_read_of(section, policy),
        type=_read_type(section, policy),
        size=_read_size(section, policy),
        within=section.duration("within", None),
        named=tuple(_read_named(section)),
        trait_class=section.choice("class", _CLASSES, default=TraitClass.QUANTITATIVE),
    )


def _read_events(section: Section) -> Iterable[str]:
    if "event" not in section:
        section.problems.add(section.line, section.path("event"), "missing; which events count?")
        return
    nodes = read_list(section["event"])
    if nodes == []:
        section.reject("event", "the name of an event, or a list of names")
    for node in [section["event"]] if nodes is None else nodes:
        name = read_text(node)
        if name is None:
            section.problems.reject(node, section.path("event"), "the name of an event, or a list of names")
        else:
            yield name


def _read_of(section: Section, policy: Policy) -> str | None:
    path = section.text("of", "the path of a property, such as total")
    if policy in _COUNTING and "of" in section:
        section.problems.add(
            section.line_of_key("of"), section.path("of"), f"{policy} counts events and takes no property"
        )
    if policy not in _COUNTING and "of" not in section and "policy" in section:
        section.problems.add(
            section.line_of_key("policy"), section.path("of"), f"missing; the {policy} of which property?"
        )
    return path


def _read_type(section: Section, policy: Policy) -> ValueType:
    needed = NEEDED_TYPES.get(policy)
    kind = section.choice("type", _TYPES, default=ValueType.DECIMAL if needed else ValueType.ANY)
    if needed is not None and kind not in needed:
        words = " or ".join(word for word in _TYPES if word in needed)
        problem = f"{policy} needs the type {words}, and this one is {kind}"
        section.problems.add(section.line_of_key("type"), section.path("type"), problem)
    return kind


def _read_size(section: Section, policy: Policy) -> int:
    if policy is not Policy.TOP:
        if "size" in section:
            problem = f"size is for the policy top, not for {policy}"
            section.problems.add(section.line_of_key("size"), section.path("size"), problem)
        return 0
    if "size" not in section:
        section.problems.add(
            section.line_of_key("policy"), section.path("size"), "missing; how many values does it show?"
        )
        return 0
    size = section.whole_number("size", 1)
    if size > _LARGEST_TOP:
        section.reject("size", f"a whole number up to {_LARGEST_TOP}")
    return size


def _read_where(section: Section) -> Iterable[tuple[str, Condition]]:
    properties = section.part("where")
    for path in properties:
        if isinstance(properties[path], MappingNode):
            for condition in _read_conditions(properties.part(path, _OPERATORS)):
                yield path, condition
        else:
            operand = _read_operand(properties, path, properties[path])
            yield path, Condition(Operator.IS, operand)


def _read_conditions(section: Section) -> list[Condition]:
    conditions = list(_read_each_condition(section))
    if span_of(conditions).is_empty:
        bounds = " and ".join(f"{c.operator} {c.operand}" for c in conditions if c.operator in NUMERIC)
        section.problems.add(section.line, section.field, f"no number is {bounds}")
    return conditions


def _read_each_condition(section: Section) -> Iterable[Condition]:
    for word in section:
        if word not in _OPERATORS:  # the name, or told already
            continue
        operator, node = Operator(word), section[word]
        if operator is Operator.IN:
            nodes = read_list(node)
            if not nodes:
                section.reject(word, "a list of values")
            yield Condition(operator, tuple(_read_operand(section, word, one) for one in nodes or []))
            continue
        operand = _read_operand(section, word, node)
        if operator in NUMERIC and (isinstance(operand, bool) or not isinstance(operand, int | float)):
            section.reject(word, "a number")
            operand = 0
        elif operator is Operator.EXISTS and not isinstance(operand, bool):
            section.reject(word, "true or false")
        yield Condition(operator, operand)


def _read_operand(section: Section, key: str, node: Node) -> Any:
    """Read a value as YAML means it: a number, true or false, else a text."""
    text = read_text(node)
    if text is None:
        section.problems.reject(node, section.path(key), "a text, a number, or true or false")
        return ""
    if node.tag == "tag:yaml.org,2002:bool":
        return _FLAGS.get(text.lower(), text)
    if node.tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}:
        number = fit(text, _NUMBER)
        return text if number is None else number
    return text


def _read_named(section: Section) -> Iterable[NamedValue]:
    if "named" not in section:
        return
    nodes = read_list(section["named"])
    if not nodes:
        section.reject("named", "a list of names with their conditions")
    before: list[NamedValue] = []
    for index, node in enumerate(nodes or []):
        one = Section(section.problems, node, f"{section.path('named')}[{index}]", ("name", *_OPERATORS))
        name = one.text("name", "a name")
        if name is None and isinstance(node, MappingNode) and "name" not in one:
            section.problems.add(one.line, one.path("name"), "missing; what is such a value called?")
        value = NamedValue(name or "", tuple(_read_conditions(one)))
        first = next((other for other in before if hold_whenever(other.conditions, value.conditions)), None)
        if first is not None:
            problem = f"never the value, since {first.name!r} holds whenever it does: put the narrower one first"
            section.problems.add(one.line, one.field, problem)
        before.append(value)
        yield value
