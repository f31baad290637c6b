"""Saying what a rule means."""

from identity_graph.domain.segments.rule_tree import Rule
from identity_graph.domain.segments.sheet import Terms


def say_condition(rule: Rule, terms: Terms, language: str = "en") -> str:
    """Say what a condition means."""
    return f"{rule} {terms} {language}"
