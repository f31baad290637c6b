"""What happens to a graph, step by step, drawn at random: what is observed, taken back, judged, and put in force."""

from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

from hypothesis import strategies as st

from identity_graph.domain.rules.rule_set import Conflict, Limit, NamespaceRule, Normalization, RuleSet
from identity_graph.domain.rules.sources import SourceRule
from tests.worlds.worlds import SECOND, VALUES, identifier_keys, make_rules, other_rules

Step = tuple[str, Any]
"""The name of a method of ``World``, and what it takes."""

Change = tuple[str, str, int]
"""What changes of rules, of which namespace, and one of three ways."""

CHANGES = (
    "size",
    "gap",
    "conflict",
    "partners",
    "limit",
    "visitor",
    "label",
    "blocked",
    "declared",
    "spelling",
    "sources",
)
FEW = ("crm:1", "crm:2", "openid:wxA/1", "openid:wxA/2", "phone:1", "phone:2", "device:1", "cookie:1")
"""With so few, everything is soon about the same identifiers."""
SPELLED = (*FEW[:4], "phone:+8613800138001", "phone:13800138001", "phone:13800138002", "device:1")
"""Two of the phones are one where rules read them as phone numbers."""


def changed(rules: RuleSet, change: Change) -> RuleSet:
    """Give rules that differ in one thing."""
    what, name, number = change
    if what == "size":
        return replace(rules, max_identifiers=(3, 5, 500)[number])
    if what == "gap":
        return replace(rules, session_gap=(5, 10, 30)[number] * SECOND)
    if what == "sources":
        return replace(rules, sources=_limited(rules, name, number))
    if what == "spelling":
        name = "phone"
    rule = rules.namespaces.get(name)
    namespaces = [other for other in sorted(rules.namespaces.values(), key=lambda rule: rule.rank) if other != rule]
    if rule is None:
        rule = make_rules().namespaces[name]
        return _of(rules, [*namespaces, rule])
    if what == "declared":
        return rules if len(namespaces) < 3 else _of(rules, namespaces)
    other = {
        "conflict": lambda: replace(rule, conflict=list(Conflict)[number]),
        "partners": lambda: replace(rule, max_partners=(1, 2, 50)[number]),
        "limit": lambda: replace(rule, limit=(None, Limit(1), Limit(2, 20 * SECOND))[number]),
        "spelling": lambda: replace(rule, normalize=_other_than(rule.normalize)),
        "visitor": lambda: replace(rule, visitor=not rule.visitor),
        "label": lambda: replace(rule, label=f"Other{number}"),
        "blocked": lambda: replace(rule, blocked=frozenset(([], ["1", "wxa/1"], ["2", "wxa/2"])[number])),
    }[what]()
    return replace(rules, namespaces={**rules.namespaces, name: other})


def _other_than(spelling: Normalization) -> Normalization:
    return Normalization.EXACT if spelling is Normalization.PHONE else Normalization.PHONE


def _of(rules: RuleSet, namespaces: list[NamespaceRule]) -> RuleSet:
    ranked = {rule.name: replace(rule, priority=priority) for priority, rule in enumerate(namespaces)}
    sources = {
        name: SourceRule(
            asserts=None if source.asserts is None else source.asserts & ranked.keys(),
            links=None
            if source.links is None
            else frozenset(pair for pair in source.links if ranked.keys() >= {*pair}),
        )
        for name, source in rules.sources.items()
    }
    return replace(rules, namespaces=ranked, sources=sources)


def _limited(rules: RuleSet, name: str, number: int) -> dict[str, SourceRule]:
    """Let the source of the events say everything, all but one namespace, or all but what links one with another."""
    if number == 0:
        return {}
    others = sorted(rules.namespaces.keys() - {name})
    if number == 1:
        return {"test": SourceRule(asserts=frozenset(others))}
    return {"test": SourceRule(links=frozenset(combinations_with_replacement(others, 2)))}


def observing(keys: st.SearchStrategy[str], most: int = 6) -> st.SearchStrategy[Step]:
    """Draw events that come together."""
    event = st.tuples(st.integers(0, 60), st.lists(keys, min_size=1, max_size=4).map(tuple))
    return st.tuples(st.just("observe"), st.lists(event, min_size=1, max_size=most))


def judging(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Step]:
    """Draw what people say."""
    return st.one_of(
        st.tuples(st.just("same"), st.tuples(keys, keys)),
        st.tuples(st.just("different"), st.tuples(keys, keys)),
        st.tuples(st.just("overrule"), keys),
        st.tuples(st.just("withdraw"), st.integers(0, 10)),
    )


def taking_back(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Step]:
    """Draw evidence that is taken back."""
    return st.one_of(
        st.tuples(st.just("retract"), st.integers(0, 40)),
        st.tuples(st.just("unlink"), st.tuples(keys, keys, st.integers(0, 60))),
        st.tuples(st.just("unbind"), st.tuples(keys, st.integers(0, 60))),
    )


def ruling(most: int = 12) -> st.SearchStrategy[Step]:
    """Draw rules that are put in force, of whose application some steps are taken."""
    some = st.integers(0, most)
    change = st.tuples(st.sampled_from(CHANGES), st.sampled_from([*VALUES]), st.integers(0, 2))
    return st.one_of(
        st.tuples(st.just("rules"), st.tuples(other_rules, some)),
        st.tuples(st.just("change"), st.tuples(change, some)),
        st.tuples(st.just("back"), st.tuples(st.integers(0, 10), some)),
        st.tuples(st.just("finish"), st.none()),
        st.tuples(st.just("restart"), st.none()),
    )


@st.composite
def _half_applied(draw: st.DrawFn) -> list[Step]:
    """Draw a life in which rules are seldom applied to the end: people say and take back much in between."""
    keys = draw(st.sampled_from([identifier_keys, st.sampled_from(FEW), st.sampled_from(SPELLED)]))
    first = draw(observing(keys, 10))
    meanwhile = st.one_of(observing(keys, 3), judging(keys), judging(keys), taking_back(keys), ruling(3))
    return [first, draw(ruling(2)), *draw(st.lists(meanwhile, min_size=2, max_size=10))]


_keys = identifier_keys
_any = st.one_of(observing(_keys), observing(_keys), judging(_keys), taking_back(_keys))

revising = st.lists(_any, min_size=4, max_size=16)
"""Lives under one set of rules."""

living = st.one_of(st.lists(st.one_of(_any, _any, ruling()), min_size=4, max_size=14), _half_applied())
"""Lives under rules that come and go."""
