"""The part ``traits`` of a catalogue file."""

from yaml.nodes import Node

from identity_graph.domain.profiles.trait_types import (
    GROUPS,
    LISTABLE,
    LONGEST_TRAIT_NAME,
    NEEDED_TYPES,
    Policy,
    TraitClass,
    TraitGroup,
    TraitType,
    ValueType,
)
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text

_KEYS = ("type", "class", "group", "policy", "personal", "expected", "values", "sources", "size")
_TYPES = {kind.value: kind for kind in ValueType}
_CLASSES = {kind.value: kind for kind in TraitClass}
_POLICIES = {policy.value: policy for policy in Policy}
_LARGEST_TOP = 100


def read_traits(section: Section) -> dict[str, TraitType]:
    """Read the declared traits; with nothing behind a name, everything is as it is by default."""
    return {name: _read_trait(section, name) for name in section}


def _read_trait(traits: Section, name: str) -> TraitType:
    if len(name) > LONGEST_TRAIT_NAME:
        problem = f"the name of a trait has at most {LONGEST_TRAIT_NAME} characters"
        traits.problems.add(traits.line_of_key(name), traits.path(f"{name[:20]}…"), problem)
    section = traits.part(name, _KEYS)
    kind = section.choice("type", _TYPES, default=ValueType.ANY)
    policy = section.choice("policy", _POLICIES, default=Policy.NEWEST)
    needed = NEEDED_TYPES.get(policy, frozenset(ValueType))
    if kind not in needed:
        problem = f"{policy} needs the type {_listed(needed)}, and this one is {kind}"
        section.problems.add(section.line_of_key("policy"), section.path("policy"), problem)
    trait_class = section.choice("class", _CLASSES, default=TraitClass.DESCRIPTIVE)
    groups = {group.value: group for group in GROUPS[trait_class]}
    return TraitType(
        name=name,
        type=kind,
        trait_class=trait_class,
        group=section.choice("group", groups, default=TraitGroup.OTHER),
        policy=policy,
        personal=section.flag("personal"),
        expected=section.flag("expected"),
        values=_read_values(section, kind),
        sources=_read_sources(section, policy),
        size=_read_size(section, policy),
    )


def _listed(types: frozenset[ValueType]) -> str:
    return " or ".join(word for word in _TYPES if word in types)


def _read_values(section: Section, kind: ValueType) -> tuple[str | int | float, ...]:
    """Read the allowed values; each must be one of the trait's type, and none may come twice."""
    nodes = _read_nodes(section, "values", "a list of the allowed values")
    if nodes and kind not in LISTABLE:
        problem = f"allowed values can be listed for the type {_listed(LISTABLE)}, and this one is {kind}"
        section.problems.add(section.line_of_key("values"), section.path("values"), problem)
        return ()
    plain = TraitType(name="", type=kind)
    found: list[str | int | float] = []
    for index, node in enumerate(nodes):
        text = read_text(node)
        value = None if text is None else fit(text, plain)
        field = f"{section.path('values')}[{index}]"
        if value is None:
            section.problems.reject(node, field, f"a value of the type {kind}")
        elif value in found:
            section.problems.reject(node, field, "each value once")
        else:
            found.append(value)
    return tuple(found)


def _read_sources(section: Section, policy: Policy) -> tuple[str, ...]:
    by_source = policy is Policy.SOURCE_PRIORITY
    if "sources" not in section:
        if by_source:
            problem = "missing; name the sources, the most trusted first"
            section.problems.add(section.line_of_key("policy"), section.path("sources"), problem)
        return ()
    if not by_source:
        problem = f"sources are for the policy source_priority, not for {policy}"
        section.problems.add(section.line_of_key("sources"), section.path("sources"), problem)
        return ()
    found: list[str] = []
    for index, node in enumerate(_read_nodes(section, "sources", "a list of sources, the most trusted first")):
        name = read_text(node)
        field = f"{section.path('sources')}[{index}]"
        if name is None:
            section.problems.reject(node, field, "the name of a source")
        elif name in found:
            section.problems.reject(node, field, "each source once")
        else:
            found.append(name)
    return tuple(found)


def _read_size(section: Section, policy: Policy) -> int:
    if policy is not Policy.TOP:
        if "size" in section:
            problem = f"size is for the policy top, not for {policy}"
            section.problems.add(section.line_of_key("size"), section.path("size"), problem)
        return 0
    if "size" not in section:
        problem = "missing; how many values does it show?"
        section.problems.add(section.line_of_key("policy"), section.path("size"), problem)
        return 0
    size = section.whole_number("size", 1)
    if size > _LARGEST_TOP:
        section.reject("size", f"a whole number up to {_LARGEST_TOP}")
    return size


def _read_nodes(section: Section, key: str, expected: str) -> list[Node]:
    """Read a list with something in it; an absent one is empty."""
    if key not in section:
        return []
    nodes = read_list(section[key])
    if nodes is None:
        section.reject(key, expected)
    elif not nodes:
        section.problems.add(section.line_of_key(key), section.path(key), f"expected {expected}, got an empty list")
    return nodes or []
