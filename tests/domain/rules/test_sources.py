"""What a source may say: what exceeds it is only claimed."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.resolution import resolve
from identity_graph.domain.rules.difference import NO_DIFFERENCE, compare
from identity_graph.domain.rules.file import load_preset, parse_rules
from identity_graph.domain.rules.normalization import CLAIMED, read_identifiers, read_stored
from identity_graph.domain.rules.rule_set import RuleSet, fingerprint
from identity_graph.domain.rules.sources import BROWSER, FULL, SourceRule
from identity_graph.domain.values.identifiers import IgnoredIdentifier, RawIdentifier
from identity_graph.domain.values.observations import Observation
from identity_graph.domain.values.pairs import pair_of
from identity_graph.errors import RulesError
from tests.properties import examples
from tests.worlds.worlds import VALUES, source_rules

PRESET = load_preset().yaml
WEB = parse_rules(f"{PRESET}\nsources: {{web: {{trust: browser}}}}")


def rules_of(said: str) -> RuleSet:
    return parse_rules(f"namespaces: {{user_id: {{limit: 1}}, email: , anonymous_id: }}\nsources: {{web: {{{said}}}}}")


def problems(said: str) -> Sequence[str]:
    with pytest.raises(RulesError) as caught:
        rules_of(said)
    return [problem.removeprefix("rules:2: sources.web") for problem in caught.value.facts["problems"]]


def keys_of(*raw: tuple[str, str], rules: RuleSet = WEB, source: str = "web") -> tuple[list[str], list[str]]:
    """Give the keys that an event of a source shows, and those that it only claims."""
    usable, ignored = read_identifiers([RawIdentifier(*one) for one in raw], rules, source)
    return [one.key for one in usable], [f"{one.namespace}:{one.value}" for one in ignored if one.code == CLAIMED]


def test_a_browser_links_its_cookie_and_device_with_the_account() -> None:
    own = [("user_id", "ann"), ("device_id", "d"), ("anonymous_id", "c")]
    assert keys_of(*own) == (["user_id:ann", "device_id:d", "anonymous_id:c"], [])


def test_a_browser_only_claims_an_address_or_a_record_of_the_crm() -> None:
    said = [("user_id", "mallory"), ("anonymous_id", "c"), ("email", "Ann@example.com"), ("crm_id", "7")]
    shown, claimed = keys_of(*said)
    assert shown == ["user_id:mallory", "anonymous_id:c"]
    assert claimed == ["crm_id:7", "email:ann@example.com"]
    assert read_stored([RawIdentifier(*one).text for one in said], WEB, "web") == read_identifiers(
        [RawIdentifier(*one) for one in said], WEB, "web"
    )


def test_of_two_accounts_or_cookies_a_browser_proves_neither() -> None:
    assert keys_of(("user_id", "ann"), ("user_id", "mallory"), ("anonymous_id", "c")) == (
        ["anonymous_id:c"],
        ["user_id:ann", "user_id:mallory"],
    )
    assert keys_of(("user_id", "ann"), ("anonymous_id", "c"), ("anonymous_id", "d")) == (
        ["user_id:ann"],
        ["anonymous_id:c", "anonymous_id:d"],
    )


def test_what_links_nothing_in_an_event_of_a_browser_has_one_reason() -> None:
    _, ignored = read_identifiers([RawIdentifier("user_id", one) for one in ("ann", "bob", "null")], WEB, "web")
    assert ignored == (
        IgnoredIdentifier("user_id", "null", "blocked"),
        IgnoredIdentifier("user_id", "ann", CLAIMED),
        IgnoredIdentifier("user_id", "bob", CLAIMED),
    )


def test_other_sources_say_what_they_like() -> None:
    said = [("user_id", "ann"), ("email", "ann@example.com")]
    for source in ("crm", "default"):
        assert keys_of(*said, source=source) == (["user_id:ann", "email:ann@example.com"], [])
    usable, ignored = read_identifiers([RawIdentifier(*one) for one in said], WEB)
    assert (len(usable), ignored) == (2, ())


def test_a_pair_may_be_all_that_is_forbidden() -> None:
    rules = rules_of("links: [[anonymous_id, user_id], [anonymous_id, email]]")
    assert keys_of(("user_id", "ann"), ("email", "a@b.c"), ("anonymous_id", "c"), rules=rules) == (
        ["email:a@b.c", "anonymous_id:c"],
        ["user_id:ann"],
    )
    assert keys_of(("user_id", "ann"), rules=rules) == (["user_id:ann"], [])
    again = rules_of("links: [[email, email]]")
    assert keys_of(("email", "a@b.c"), ("email", "d@e.f"), rules=again)[1] == []


@examples(100)
@given(source=source_rules(VALUES), said=st.lists(st.sampled_from(sorted(VALUES)), max_size=6))
def test_what_is_believed_may_be_asserted_and_linked_and_is_as_much_as_may_be(
    source: SourceRule, said: list[str]
) -> None:
    claimed = source.find_claimed(said)
    believed = [namespace for namespace in said if namespace not in claimed]

    def may(values: list[str]) -> bool:
        asserted = all(source.asserts is None or value in source.asserts for value in values)
        linked = all(source.links is None or pair_of(*pair) in source.links for pair in combinations(values, 2))
        return asserted and linked

    assert may(believed)
    assert claimed <= set(said)
    for namespace in claimed:
        assert not may([*believed, *[one for one in said if one == namespace]])


def test_the_customers_are_those_of_what_is_believed() -> None:
    def seen(number: int, source: str, *raw: tuple[str, str]) -> Observation:
        identifiers, _ = read_identifiers([RawIdentifier(*one) for one in raw], WEB, source)
        return Observation(source=source, message_id=str(number), occurred_at=number, identifiers=identifiers)

    victim = [("user_id", "ann"), ("email", "ann@example.com"), ("crm_id", "7")]
    attack = [("user_id", "mallory"), ("email", "ann@example.com"), ("crm_id", "7"), ("anonymous_id", "m")]
    ann = frozenset({"user_id:ann", "email:ann@example.com", "crm_id:7"})
    mallory = frozenset({"user_id:mallory", "anonymous_id:m"})
    assert resolve([seen(1, "crm", *victim), seen(2, "web", *attack)], (), WEB).customers == {ann, mallory}
    assert resolve([seen(1, "crm", *victim), seen(2, "crm", *attack)], (), WEB).customers != {ann, mallory}


# The section of the file


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("trust: browser", BROWSER),
        ("asserts: [email]", SourceRule(asserts=frozenset({"email"}))),
        ("asserts: []", SourceRule(asserts=frozenset())),
        ("links: [[user_id, email]]", SourceRule(links=frozenset({("email", "user_id")}))),
        (
            "trust: browser, asserts: [anonymous_id]",
            SourceRule(asserts=frozenset({"anonymous_id"}), links=BROWSER.links),
        ),
        ("trust: browser, links: []", SourceRule(asserts=BROWSER.asserts, links=frozenset())),
    ],
)
def test_a_source_is_read(said: str, expected: SourceRule) -> None:
    assert rules_of(said).sources == {"web": expected}


def test_a_source_that_may_say_everything_needs_no_rule() -> None:
    for rules in (rules_of(""), rules_of("trust: full"), parse_rules("namespaces: {card: }\nsources:")):
        assert rules.sources == {}
    assert fingerprint(rules_of("trust: full")) == fingerprint(rules_of(""))
    assert not FULL.is_limited


def test_where_undeclared_namespaces_are_accepted_a_source_may_name_them() -> None:
    rules = parse_rules("undeclared: accept\nnamespaces: {card: }\nsources: {web: {asserts: [hat_size]}}")
    assert keys_of(("hat_size", "7"), ("card", "1"), rules=rules) == (["hat_size:7"], ["card:1"])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("trust: brwser", [".trust: expected full or browser, got 'brwser'; did you mean 'browser'?"]),
        ("assert: [email]", [".assert: unknown key; did you mean 'asserts'?"]),
        ("asserts: email", [".asserts: expected a list of namespaces, such as [anonymous_id, user_id], got 'email'"]),
        ("asserts: [mail]", [".asserts[0]: 'mail' is not declared; did you mean 'email'?"]),
        ("asserts: [[email]]", [".asserts[0]: expected a namespace, got a list"]),
        (
            "links: email",
            [".links: expected a list of pairs of namespaces, such as [[anonymous_id, user_id]], got 'email'"],
        ),
        ("links: [email]", [".links[0]: expected a pair of namespaces, such as [anonymous_id, user_id], got 'email'"]),
        (
            "links: [[email]]",
            [".links[0]: expected a pair of namespaces, such as [anonymous_id, user_id], got a list of 1"],
        ),
        ("links: [[email, mail]]", [".links[0][1]: 'mail' is not declared; did you mean 'email'?"]),
        (
            "asserts: [user_id], links: [[user_id, email]]",
            [".links[0]: the source may not assert email; add it to asserts"],
        ),
    ],
)
def test_a_problem_of_a_source_says_what_to_write(said: str, expected: list[str]) -> None:
    assert problems(said) == expected


def test_a_browser_needs_namespaces_that_it_may_say() -> None:
    with pytest.raises(RulesError) as caught:
        parse_rules("namespaces: {card: }\nsources: {web: {trust: browser}}")
    (problem,) = caught.value.facts["problems"]
    assert problem.startswith(
        "rules:2: sources.web.trust: a browser may say anonymous_id, device_id and user_id; none is"
    )


# Other rules


def test_sources_are_part_of_what_rules_mean() -> None:
    assert fingerprint(WEB) != fingerprint(load_preset())
    orders = [
        "asserts: [email, user_id], links: [[email, user_id]]",
        "links: [[user_id, email]], asserts: [user_id, email]",
    ]
    assert len({fingerprint(rules_of(said)) for said in orders}) == 1


@pytest.mark.parametrize("undeclared", ["ignore", "accept"])
def test_other_rules_of_sources_read_every_value_anew(undeclared: str) -> None:
    def write(**sources: Any) -> RuleSet:
        return parse_rules(f"undeclared: {undeclared}\nnamespaces: {{card: }}\nsources: {sources}")

    old, new = write(), write(web={"asserts": ["card"]})
    assert compare(old, new).may_reread("card")
    assert compare(new, old).may_reread("card")
    assert compare(old, new).may_reread("hat_size") == (undeclared == "accept")
    assert compare(new, write(web={"asserts": ["card"]})) == NO_DIFFERENCE
