"""Why somebody entered or left: the condition that turned, as a sentence."""

from collections.abc import Iterator

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.segments.evaluation import ConditionResult, Result
from identity_graph.domain.segments.inputs import inputs_of
from identity_graph.domain.segments.rule_tree import All, AnyOf
from identity_graph.domain.segments.sheet import Terms

NOT_OF_THE_AUDIENCE = "The customer is not one of the audience: nothing but visitors' identifiers is known."
MOST_LETTERS = 500
"""Letters that a reason has; a sentence that is longer is cut."""


def say_fault(fault: str) -> str:
    """Say that a rule cannot be evaluated, so that nobody is in."""
    return f"The rule cannot be evaluated: {fault}"[:MOST_LETTERS]


def say_reason(result: Result, before: Result | None, changed: Inputs | None, terms: Terms) -> str:
    """Name the condition that decides an answer.

    Of several that do, it is one that was otherwise in ``before``, the answer of the moment before; else one that reads what
    ``changed``; else the first.
    """
    if result.fault is not None:
        return say_fault(result.fault)
    if result.condition.holds and not result.holds:
        return NOT_OF_THE_AUDIENCE
    deciding = list(_deciding(result.condition))
    former = {} if before is None else {id(one.rule): one.holds for one in _all(before.condition)}
    turned = [one for one in deciding if former.get(id(one.rule), one.holds) is not one.holds]
    touched = [
        one for one in deciding if changed is not None and inputs_of(one.rule, terms.catalogue).is_touched_by(changed)
    ]
    found = next(iter([*turned, *touched, *deciding]), result.condition)
    sentence = found.sentence(terms)
    if not found.holds:
        sentence = f"No longer so: {sentence}"
    return sentence if len(sentence) <= MOST_LETTERS else f"{sentence[: MOST_LETTERS - 1]}…"


def _deciding(result: ConditionResult) -> Iterator[ConditionResult]:
    """Give the single conditions, or negations, that decide an answer."""
    rule = result.rule
    if not isinstance(rule, All | AnyOf):
        yield result
        return
    is_common = isinstance(rule, All) is result.holds
    for child in result.children:
        if is_common or child.holds is result.holds:
            yield from _deciding(child)


def _all(result: ConditionResult) -> Iterator[ConditionResult]:
    yield result
    for child in result.children:
        yield from _all(child)
