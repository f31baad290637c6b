"""Sets of rules: what they answer, and when two of them mean the same."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.rules.file import PRESETS, load_preset, parse_rules
from identity_graph.domain.rules.patterns import Pattern
from identity_graph.domain.rules.rule_set import Conflict, Limit, NamespaceRule, Normalization, RuleSet, fingerprint
from tests.properties import examples

TWO = "namespaces: {card: {limit: 1}, cookie: {}}"


def test_an_undeclared_namespace_has_no_rule_unless_it_is_accepted() -> None:
    rules = parse_rules(TWO)
    assert rules.find_namespace("shoe_size") is None
    with pytest.raises(KeyError, match="shoe_size"):
        rules.get_namespace("shoe_size")


def test_accepted_undeclared_namespaces_rank_last_by_name_and_have_no_limit() -> None:
    rules = parse_rules("undeclared: accept\n" + TWO)
    zoo, bar = rules.get_namespace("zoo"), rules.get_namespace("bar")
    assert rules.get_namespace("zoo") is zoo
    assert (zoo.label, zoo.limit, zoo.declared) == ("Other", None, False)
    assert rules.get_namespace("cookie").rank < bar.rank < zoo.rank


def test_a_limit_counts_a_namespace_or_within_it_a_scope() -> None:
    plain = NamespaceRule(name="card", label="Card", priority=0, limit=Limit(1, within=5))
    scoped = replace(plain, scoped=True, limit=None)
    assert plain.is_unique
    assert plain.scope_of("wx1/a") == "card"
    assert scoped.scope_of("wx1/a/b") == "card/wx1"
    assert not scoped.is_unique
    assert not replace(plain, limit=Limit(2)).is_unique


def test_rules_tell_whether_they_leave_anything_to_nobody() -> None:
    assert not parse_rules(TWO).has_nobody
    assert parse_rules("namespaces: {a: {}, b: {conflict: nobody}}").has_nobody


def test_two_spellings_of_the_same_rules_have_one_fingerprint() -> None:
    spelt_out = """
    # a comment
    session_gap: PT1800S
    undeclared: ignore
    format: 1
    namespaces:
      "card":
        conflict: newest
        blocked: []
        max_partners: 50
        label: Card
        limit: {count: 1}
        scoped: no
      cookie:
    """
    assert fingerprint(parse_rules(spelt_out)) == fingerprint(parse_rules(TWO))


def test_the_order_of_blocked_values_has_no_meaning() -> None:
    one = parse_rules("namespaces: {a: {blocked: [x, Y, /p/, /q/]}}")
    other = parse_rules("namespaces: {a: {blocked: [/q/, y, /p/, x, X]}}")
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    "other",
    [
        "namespaces: {cookie: {}, card: {limit: 1}}",
        "namespaces: {card: {limit: 1}}",
        "namespaces: {card: {limit: 2}, cookie: {}}",
        "namespaces: {card: {}, cookie: {}}",
        "namespaces: {card: {limit: {count: 1, within: P1D}}, cookie: {}}",
        "namespaces: {card: {limit: 1, label: Kard}, cookie: {}}",
        "namespaces: {card: {limit: 1}, cookie: {visitor: true}}",
        "namespaces: {card: {limit: 1}, cookie: {scoped: true}}",
        "namespaces: {card: {limit: 1}, cookie: {normalize: email}}",
        "namespaces: {card: {limit: 1}, cookie: {conflict: oldest}}",
        "namespaces: {card: {limit: 1}, cookie: {max_partners: 49}}",
        "namespaces: {card: {limit: 1}, cookie: {blocked: [x]}}",
        "namespaces: {card: {limit: 1}, cookie: {blocked: [/x/]}}",
        f"{{default_region: US, {TWO}}}",
        f"{{undeclared: accept, {TWO}}}",
        f"{{max_identifiers: 499, {TWO}}}",
        f"{{session_gap: PT31M, {TWO}}}",
    ],
)
def test_whatever_changes_the_meaning_changes_the_fingerprint(other: str) -> None:
    assert fingerprint(parse_rules(other)) != fingerprint(parse_rules(TWO))


def test_a_fingerprint_does_not_change_from_run_to_run() -> None:
    assert fingerprint(load_preset()) == "7e011050843e23c7b6cce0611ff0df4225d4f6753e4360d8d6ae693f134b2436"


# Presets


def test_the_default_set_is_what_the_documentation_says() -> None:
    rules = load_preset()
    assert (rules.default_region, rules.accept_undeclared, rules.max_identifiers) == ("CN", False, 500)
    assert rules.session_gap == 30 * 60 * 1_000_000
    year = 365 * 86_400 * 1_000_000
    assert [(rule.name, rule.label, rule.limit) for rule in rules.namespaces.values()] == [
        ("crm_id", "CrmRecord", Limit(1)),
        ("user_id", "Account", Limit(1)),
        ("unionid", "UnionID", Limit(1)),
        ("wecom_id", "WeComContact", Limit(1)),
        ("loyalty_id", "LoyaltyCard", Limit(2)),
        ("openid", "OpenID", Limit(1)),
        ("phone", "Phone", Limit(5)),
        ("email", "Email", Limit(5)),
        ("device_id", "Device", Limit(20)),
        ("ad_id", "AdId", Limit(20)),
        ("anonymous_id", "Cookie", Limit(50, within=year)),
    ]
    every = rules.namespaces.values()
    assert [rule.priority for rule in every] == list(range(11))
    assert {rule.name for rule in every if rule.scoped} == {"openid"}
    assert {rule.name for rule in every if rule.visitor} == {"openid", "device_id", "anonymous_id"}
    assert {rule.name: rule.normalize for rule in every if rule.normalize != "exact"} == {
        "phone": Normalization.PHONE,
        "email": Normalization.EMAIL,
    }
    assert {rule.conflict for rule in every} == {Conflict.NEWEST}
    assert {rule.name: rule.max_partners for rule in every if rule.max_partners != 50} == {
        "phone": 8,
        "email": 8,
        "device_id": 12,
        "ad_id": 12,
        "anonymous_id": 12,
    }


@pytest.mark.parametrize(
    ("preset", "conflict"),
    [("last-login", Conflict.NEWEST), ("first-owner", Conflict.OLDEST), ("never-guess", Conflict.NOBODY)],
)
def test_presets_differ_in_conflict_only(preset: str, conflict: Conflict) -> None:
    rules = load_preset(preset)
    assert {rule.conflict for rule in rules.namespaces.values()} == {conflict}
    assert all(f"conflict: {conflict}" in block for block in rules.yaml.split("label:")[1:])
    as_default = {name: replace(rule, conflict=Conflict.NEWEST) for name, rule in rules.namespaces.items()}
    assert replace(rules, namespaces=as_default, yaml=load_preset().yaml) == load_preset()


def test_all_presets_are_named() -> None:
    assert PRESETS == ("default", "last-login", "first-owner", "never-guess")
    assert {name: load_preset(name).has_nobody for name in PRESETS}["never-guess"]


# Properties

NAMES = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,10}", re.ASCII), fullmatch=True)
LIMITS = st.none() | st.builds(Limit, st.integers(1, 99), st.none() | st.integers(1, 999).map(lambda days: days * 86_400_000_000))  # fmt: skip


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    namespaces = {
        name: NamespaceRule(
            name=name,
            label=f"L{name}",
            priority=priority,
            limit=draw(LIMITS),
            scoped=draw(st.booleans()),
            visitor=draw(st.booleans()),
            normalize=draw(st.sampled_from(Normalization)),
            conflict=draw(st.sampled_from(Conflict)),
            max_partners=draw(st.integers(1, 999)),
            blocked=draw(st.frozensets(st.sampled_from(["x", "lost", "7"]))),
            blocked_patterns=tuple(Pattern(regex) for regex in draw(st.sets(st.sampled_from(["^a", "b/c", ":"])))),
        )
        for priority, name in enumerate(names)
    }
    return RuleSet(
        namespaces=namespaces,
        default_region=draw(st.sampled_from(["CN", "NO", "US"])),
        accept_undeclared=draw(st.booleans()),
        max_identifiers=draw(st.integers(1, 999)),
        session_gap=draw(st.integers(1, 9999)) * 1_000_000,
    )


def as_yaml(rules: RuleSet) -> str:
    lines = [
        f"default_region: {rules.default_region}",
        f"undeclared: {'accept' if rules.accept_undeclared else 'ignore'}",
        f"max_identifiers: {rules.max_identifiers}",
        f"session_gap: PT{rules.session_gap // 1_000_000}S",
        "namespaces:",
    ]
    for rule in rules.namespaces.values():
        blocked = [*sorted(rule.blocked), *(f'"/{pattern.pattern}/"' for pattern in rule.blocked_patterns)]
        within = "" if rule.limit is None or rule.limit.within is None else f", within: P{rule.limit.within // 86_400_000_000}D"  # fmt: skip
        lines += [
            f"  {rule.name}:",
            f"    label: {rule.label}",
            f"    scoped: {rule.scoped}",
            f"    visitor: {rule.visitor}",
            f"    normalize: {rule.normalize}",
            f"    conflict: {rule.conflict}",
            f"    max_partners: {rule.max_partners}",
            f"    blocked: [{', '.join(blocked)}]",
        ]
        if rule.limit is not None:
            lines.append(f"    limit: {{count: {rule.limit.count}{within}}}")
    return "\n".join(lines)


@examples(100)
@given(rule_sets())
def test_what_is_written_down_reads_back_as_the_same_rules(rules: RuleSet) -> None:
    text = as_yaml(rules)
    read = parse_rules(text)
    assert read == replace(rules, yaml=text)
    assert fingerprint(read) == fingerprint(rules)


@examples(100)
@given(rule_sets(), rule_sets())
def test_fingerprints_are_equal_exactly_when_rules_are(one: RuleSet, other: RuleSet) -> None:
    ordered_alike = list(one.namespaces) == list(other.namespaces)
    patterns_alike = [{pattern.pattern for pattern in rule.blocked_patterns} for rule in one.namespaces.values()] == [
        {pattern.pattern for pattern in rule.blocked_patterns} for rule in other.namespaces.values()
    ]

    def without_patterns(rules: RuleSet) -> RuleSet:
        return replace(rules, namespaces={n: replace(r, blocked_patterns=()) for n, r in rules.namespaces.items()})

    same = ordered_alike and patterns_alike and without_patterns(one) == without_patterns(other)
    assert (fingerprint(one) == fingerprint(other)) == same
