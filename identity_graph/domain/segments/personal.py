"""Conditions on personal values: who asks again and again with other values finds out what they are."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.personal import is_personal_path, personal_names
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.segments.rule_tree import MeasureRule, Operator, PropertyRule, TraitRule
from identity_graph.errors import ForbiddenError


def check_conditions(conditions: object, principal: Principal, rules: RuleSet, catalogue: Catalogue) -> None:
    """See that only those compare personal values who may see them.

    Raises:
        ForbiddenError: a condition, wherever it is inside, compares one, and they may not.
    """
    if principal.sees_personal_data:
        return
    names = personal_names(rules, catalogue)
    personal = sorted(set(_compared(conditions, catalogue, names)))
    if personal:
        raise ForbiddenError(
            f"Conditions on personal values need the scope `pii`: {', '.join(personal)}. Traits that the catalogue does not "
            "declare count as personal.",
            missing=[Scope.PII.name],
        )


def _compared(part: object, catalogue: Catalogue, names: frozenset[str]) -> Iterator[str]:
    """Give the names of the personal values that are compared in something, however deep inside."""
    match part:
        case TraitRule(name=name, op=op):
            if op is not Operator.EXISTS and name not in catalogue.computed and catalogue.trait(name).personal:
                yield name
        case PropertyRule(name=name, op=op):
            if op is not Operator.EXISTS and is_personal_path(name, names):
                yield name
        case MeasureRule(of=str(path)):
            if is_personal_path(path, names):
                yield path
        case tuple():
            for inner in part:
                yield from _compared(inner, catalogue, names)
        case _ if is_dataclass(part):
            for field in fields(part):
                yield from _compared(getattr(part, field.name), catalogue, names)
        case _:
            pass
