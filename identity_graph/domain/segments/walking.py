"""Walking through a rule: every condition with its place, as messages name it."""

from collections.abc import Iterator

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
    ShareRule,
    TraitRule,
)

WORDS: dict[type, str] = {
    TraitRule: "trait",
    MetricRule: "metric",
    EventRule: "did",
    SequenceRule: "sequence",
    OrderRule: "ordered",
    IdentifierRule: "hasIdentifier",
    JoinedRule: "joinedBy",
    SegmentRule: "inSegment",
    ChannelRule: "seenOn",
    ConsentRule: "consent",
    PermittedRule: "permitted",
    KnownRule: "knownFor",
    ShareRule: "share",
}
"""What each condition is called where it is written."""


def places_of(rule: Rule, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Give the single conditions of a rule, in its order, with their places."""
    match rule:
        case All() | AnyOf():
            word = "all" if isinstance(rule, All) else "any"
            for index, one in enumerate(rule.rules):
                yield from places_of(one, f"{_inside(path, word)}[{index}]")
        case Not():
            yield from places_of(rule.rule, _inside(path, "not"))
        case _:
            yield _inside(path, WORDS[type(rule)]), rule


def _inside(path: str, word: str) -> str:
    return f"{path}.{word}" if path else word
