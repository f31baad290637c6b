"""Conditions on traits as Cypher, which compares their values as JSON text.

A trait of which the newest claim counts is decided where all that a customer's identifiers keep of it agrees. Of one that is put
together of several claims the value is kept only where it is kept by one identifier.
"""

from typing import Any

from identity_graph.domain.profiles.computed_types import ComputedType
from identity_graph.domain.profiles.survivorship import BLIND, Survivorship
from identity_graph.domain.profiles.trait_types import ValueType
from identity_graph.domain.segments.comparing import is_date
from identity_graph.domain.segments.rule_tree import LISTING, RELATIVE, Operator, TraitRule
from identity_graph.domain.segments.types import type_of_trait
from identity_graph.store.driver.rows import to_json
from identity_graph.store.segments.compiling_asked import Asked, Range, so_far
from identity_graph.store.segments.compiling_bounds import (
    FALSE,
    TRUE,
    Bounds,
    any_of,
    both,
    compare,
    either,
    exactly,
    how_many,
    is_there,
    no,
    not_so,
)
from identity_graph.store.segments.compiling_events import EVENTS, answered_by_facts, in_time, of_names
from identity_graph.store.segments.compiling_texts import BLANKS, spell, spell_inside
from identity_graph.store.segments.compiling_times import A_DATE, LIKE_A_DATE, compile_near

_TRAITS = "(c)<-[:BELONGS_TO]-(:Identifier)-[:HAS_TRAIT]->(t:Trait)"
_NUMBER = "toFloatOrNull(t.value)"
_NEWEST = "t.observed_at DESC, t.source DESC, t.message_id DESC"
_MOST = 9e15
"""Up to here the numbers of Cypher are exact."""

_NUMBERS = {ValueType.INTEGER, ValueType.DECIMAL}
_IS_TEXT = "t.value STARTS WITH '\"'"


def compile_trait(rule: TraitRule, asked: Asked) -> Bounds:
    """Say whose trait is as a condition wants it."""
    computed = asked.terms.catalogue.computed.get(rule.name)
    if computed is not None:
        return _of_computed(rule, computed, asked)
    if rule.op in {Operator.NE, Operator.NOT_IN} and rule.held_for is None:
        op = Operator.EQ if rule.op is Operator.NE else Operator.IN
        return not_so(_of_told(TraitRule(name=rule.name, op=op, value=rule.value), asked))
    if rule.held_for is None:
        return _of_told(rule, asked)
    own = f"t.name = {asked.given(rule.name)}"
    if _holds_of_none(rule, asked):
        # Nothing was ever told of it since the first visit, which was long enough ago.
        since = f"c.first_seen <= {asked.given.moment(asked.now - rule.held_for.micros)}"
        return Bounds(either(is_there(_TRAITS, own), since), both(no(is_there(_TRAITS, own)), since))
    now = TraitRule(name=rule.name, op=rule.op, value=rule.value)
    return Bounds(_of_told(now, asked).upper, FALSE)


def _of_told(rule: TraitRule, asked: Asked) -> Bounds:
    """Compare what identifiers keep; the operator holds of nothing that is absent."""
    policy = Survivorship(rule.name, asked.terms.catalogue)
    own = f"t.name = {asked.given(rule.name)}"
    value = _value(rule.op, rule.value, type_of_trait(rule.name, asked.terms.catalogue), asked)
    is_past = so_far(asked).holds("t.observed_at", asked)
    if policy.trait.policy in BLIND:
        newest = f"COLLECT {{ MATCH {_TRAITS} WHERE {own} RETURN t ORDER BY {_NEWEST} LIMIT 1 }}"
        upper, lower = either(value.upper, no(is_past)), both(value.lower, is_past)
        # What was told for a time to come counts from then on, so what was told before it is in force.
        return Bounds(
            f"any(t IN {newest} WHERE {upper})", FALSE if lower == FALSE else f"any(t IN {newest} WHERE {lower})"
        )
    is_kept = both(f"coalesce(t.policy, '') = {asked.given(policy.stamp)}", "t.state IS NOT NULL", is_past)
    several = f"{how_many(_TRAITS, own)} > 1"
    upper = either(is_there(_TRAITS, own, either(value.upper, no(is_kept))), several)
    return Bounds(upper, both(is_there(_TRAITS, own, value.lower, is_kept), no(several)))


def _of_computed(rule: TraitRule, kind: ComputedType, asked: Asked) -> Bounds:
    """Say who has events that count in it; the others have what nothing comes to."""
    names = of_names(kind.events, asked)
    plain = TraitRule(name=rule.name, op=rule.op, value=rule.value)
    is_held = rule.held_for is not None
    start = so_far(asked).start if kind.within is None or is_held else asked.now - kind.within + 1
    facts = is_there(EVENTS, names, in_time(Range(start, asked.now + 1), asked))
    if rule.held_for is None or not asked.holds_of_nothing(plain):
        return answered_by_facts(facts, holds_of_nothing=not is_held and asked.holds_of_nothing(plain))
    since = f"c.first_seen <= {asked.given.moment(asked.now - rule.held_for.micros)}"
    return Bounds(either(facts, since), both(no(facts), since))


def _holds_of_none(rule: TraitRule, asked: Asked) -> bool:
    return asked.holds_of_nothing(TraitRule(name=rule.name, op=rule.op, value=rule.value))


def _value(op: Operator, operand: Any, type: ValueType, asked: Asked) -> Bounds:
    """Compare ``t.value``, which is JSON text and never null."""
    if op is Operator.EXISTS:
        return _exists(type, asked)
    if op in RELATIVE:
        return compile_near(op, str(operand), type, asked)
    if op in {Operator.CONTAINS, Operator.STARTS_WITH}:
        return _part(op, operand, type, asked)
    operands = operand if isinstance(operand, tuple) else (operand,)
    if type in _NUMBERS and all(isinstance(one, int | float) and abs(one) < _MOST for one in operands):
        return _number(op, operand, type, asked)
    if op in {Operator.EQ, *LISTING} and type in {ValueType.TEXT, ValueType.BOOLEAN}:
        return exactly(f"t.value IN {asked.given(sorted(set().union(*(_spellings(one, type) for one in operands))))}")
    if op in {Operator.EQ, *LISTING} and all(isinstance(one, str | bool) for one in operands) and type is ValueType.ANY:
        return exactly(f"t.value IN {asked.given(sorted(set().union(*(spell(one) for one in operands))))}")
    if type is ValueType.DATE and all(is_date(one) for one in operands):
        texts = tuple(to_json(one) for one in operands)
        compared = compare("t.value", op, texts if isinstance(operand, tuple) else texts[0], asked.given)
        return Bounds(both(LIKE_A_DATE, compared), both(A_DATE, compared))
    return Bounds("t.value <> 'null'", FALSE)


def _spellings(value: Any, type: ValueType) -> set[str]:
    """Give all that is read as a value of a declared type, as sources write it."""
    found = spell(value)
    if type is ValueType.BOOLEAN:
        return found | spell("true" if value else "false")
    return found | ({value} if isinstance(value, str) and _is_whole(value) else set())


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and str(int(text)) == text


def _number(op: Operator, operand: Any, type: ValueType, asked: Asked) -> Bounds:
    """Compare numbers; texts may be numbers, too, and what is too great or too fine to be exact is unsure."""
    is_exact = _is_number(type, asked)
    compared = both(is_exact, f"coalesce({compare(_NUMBER, op, operand, asked.given)}, false)")
    is_unsure = both("t.value <> 'null'", no(is_exact))
    return Bounds(either(compared, is_unsure), compared)


def _is_number(type: ValueType, asked: Asked) -> str:
    """Ask whether a value is a number that fits the type, and that Cypher reads exactly."""
    is_small = f"coalesce(abs({_NUMBER}) < {asked.given(_MOST)}, false)"
    whole = "NOT t.value CONTAINS '.'" if type is ValueType.INTEGER else TRUE
    return both(is_small, "size(t.value) <= 18", "NOT toLower(t.value) CONTAINS 'e'", whole)


def _exists(type: ValueType, asked: Asked) -> Bounds:
    begins = f"substring(t.value, 1, 1) IN {asked.given([*BLANKS, chr(34), chr(92)])}"
    text = Bounds(both(_IS_TEXT, "t.value <> '\"\"'"), both(_IS_TEXT, no(begins)))
    if type is ValueType.TEXT:
        return Bounds(either(text.upper, no(_IS_TEXT)), text.lower)
    if type in {ValueType.LIST, ValueType.OBJECT}:
        sign, empty = ("[", "[]") if type is ValueType.LIST else ("{", "{}")
        return exactly(both(f"t.value STARTS WITH '{sign}'", f"t.value <> '{empty}'"))
    if type is ValueType.ANY:
        known = f"NOT t.value IN {asked.given(['null', '[]', '{}'])}"
        other = exactly(both(known, no(_IS_TEXT)))
        return any_of([text, other])
    if type in _NUMBERS:
        return Bounds("t.value <> 'null'", _is_number(type, asked))
    if type is ValueType.BOOLEAN:
        return exactly(f"t.value IN {asked.given(sorted(_spellings(True, type) | _spellings(False, type)))}")
    return Bounds("t.value <> 'null'", FALSE)


def _part(op: Operator, operand: Any, type: ValueType, asked: Asked) -> Bounds:
    """Look for a part of a text; behind a backslash letters mean something else."""
    if not isinstance(operand, str):
        return Bounds("t.value <> 'null'", FALSE)
    escaped = f"t.value CONTAINS {asked.given(chr(92))}"
    inside = sorted(spell_inside(operand))
    if op is Operator.STARTS_WITH:
        begins = f"any(one IN {asked.given([chr(34) + one for one in inside])} WHERE t.value STARTS WITH one)"
        return Bounds(either(begins, escaped, no(_IS_TEXT)), both(begins, no(escaped)))
    has = f"any(one IN {asked.given(inside)} WHERE t.value CONTAINS one)"
    is_sure = both(_IS_TEXT, has, no(escaped)) if type is ValueType.TEXT else FALSE
    return Bounds(either(has, escaped), is_sure)
