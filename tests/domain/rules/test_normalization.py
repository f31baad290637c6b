"""What a raw value means under the rules, or why it is no identifier."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_graph.domain.rules import normalization
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.normalization import normalize_lookup, read_identifiers, undeclared_form
from identity_graph.domain.rules.rule_set import NamespaceRule, Normalization
from identity_graph.domain.values.identifiers import Identifier, IgnoredIdentifier, RawIdentifier
from tests.worlds.reading_values import DEFAULT, EMAIL, EXACT, PHONE, SCOPED, code_of, form, namespace, read

# Scoped values


def test_a_scoped_value_is_its_scope_and_its_value() -> None:
    assert form(SCOPED, " wx1 / oABC ") == "wx1/oABC"
    assert form(SCOPED, "wx1/o/A") == "wx1/o/A"


@pytest.mark.parametrize("value", ["oABC", "wx1/", "/oABC", " / oABC"])
def test_a_scoped_value_without_one_of_its_parts_is_invalid(value: str) -> None:
    assert code_of("openid", value) == "invalid"


@pytest.mark.parametrize("value", ["wx1/null", "wx1/0000", "undefined/oABC", "null", "", "/"])
def test_a_scoped_value_with_a_blocked_part_is_blocked(value: str) -> None:
    assert code_of("openid", value) == "blocked"


def test_the_value_behind_a_scope_is_normalised() -> None:
    rule = namespace(scoped=True, normalize=Normalization.PHONE)
    assert form(rule, "shop1/138 0013 8000") == "shop1/+8613800138000"
    assert form(rule, "shop1/abc") is None


# Whole messages


def test_identifiers_come_strongest_first_and_once() -> None:
    usable, ignored = read(
        ("anonymous_id", "c2"),
        ("phone", "138 0013 8000"),
        ("anonymous_id", "c1"),
        ("user_id", "u1"),
        ("phone", "+8613800138000"),
        ("crm_id", "9"),
    )
    assert usable == ["crm_id:9", "user_id:u1", "phone:+8613800138000", "anonymous_id:c1", "anonymous_id:c2"]
    assert ignored == []


def test_ignored_values_come_as_they_were_in_the_order_of_the_message_and_once() -> None:
    usable, ignored = read(
        ("email", " NULL "), ("shoe_size", "42"), ("phone", "abc"), ("email", " NULL "), ("user_id", "u1")
    )
    assert usable == ["user_id:u1"]
    assert ignored == [
        ("email", " NULL ", "blocked"),
        ("shoe_size", "42", "undeclared"),
        ("phone", "abc", "invalid"),
    ]


def test_two_values_of_which_a_customer_has_one_only_are_usable_and_ambiguous() -> None:
    usable, ignored = read(("user_id", "u2"), ("user_id", "u1"), ("phone", "13800138000"), ("phone", "13900139000"))
    assert usable == ["user_id:u1", "user_id:u2", "phone:+8613800138000", "phone:+8613900139000"]
    assert ignored == [("user_id", "u1", "ambiguous_observation"), ("user_id", "u2", "ambiguous_observation")]


def test_a_repeat_of_one_value_is_not_ambiguous() -> None:
    assert read(("user_id", "u1"), ("user_id", " u1 ")) == (["user_id:u1"], [])


def test_scopes_are_counted_apart() -> None:
    usable, ignored = read(("openid", "wx1/a"), ("openid", "wx2/b"), ("openid", "wx1/c"))
    assert usable == ["openid:wx1/a", "openid:wx1/c", "openid:wx2/b"]
    assert ignored == [("openid", "wx1/a", "ambiguous_observation"), ("openid", "wx1/c", "ambiguous_observation")]


def test_a_window_on_a_limit_of_one_does_not_make_two_values_clear() -> None:
    rules = parse_rules("namespaces: {cookie: {limit: {count: 1, within: P1D}}}")
    assert [code for *_, code in read(("cookie", "a"), ("cookie", "b"), rules=rules)[1]] == [
        "ambiguous_observation"
    ] * 2


def test_accepted_undeclared_namespaces_come_last_by_name() -> None:
    rules = parse_rules("{undeclared: accept, namespaces: {a: {limit: 1}}}")
    usable, ignored = read(("zoo", "1"), ("bar", "2"), ("bar", "1"), ("a", "x"), ("Bad Name", "1"), rules=rules)
    assert usable == ["a:x", "bar:1", "bar:2", "zoo:1"]
    assert ignored == [("Bad Name", "1", "invalid")]


def test_a_message_without_identifiers_reads_as_nothing() -> None:
    assert read_identifiers([], DEFAULT) == ((), ())


# Looking up


def test_a_lookup_reads_a_value_under_every_namespace_that_it_fits() -> None:
    found = normalize_lookup("+86 138-0013-8000", None, DEFAULT)
    assert Identifier("phone", "+8613800138000") in found
    assert Identifier("user_id", "+86 138-0013-8000") in found
    assert {identifier.namespace for identifier in found} == set(DEFAULT.namespaces) - {"email", "openid"}


def test_a_lookup_in_a_namespace_gives_its_form_only() -> None:
    assert normalize_lookup("138 0013 8000", "phone", DEFAULT) == [Identifier("phone", "+8613800138000")]
    assert normalize_lookup("abc", "phone", DEFAULT) == []
    assert normalize_lookup("abc", "shoe_size", DEFAULT) == []


def test_a_lookup_in_an_undeclared_namespace_works_where_these_are_accepted() -> None:
    rules = parse_rules("{undeclared: accept, namespaces: {a: {}}}")
    assert normalize_lookup(" 42 ", "shoe_size", rules) == [Identifier("shoe_size", "42")]
    assert normalize_lookup(" 42 ", None, rules) == [Identifier("a", "42")]
    assert undeclared_form(" 42 ", rules) == "42"
    assert undeclared_form("null", rules) is None
    assert undeclared_form("42", DEFAULT) is None


@pytest.mark.parametrize("value", ["null", "", "-1", "test@test.com"])
def test_a_blocked_value_is_looked_up_nowhere(value: str) -> None:
    assert normalize_lookup(value, None, DEFAULT) == []
    assert normalize_lookup(value, "user_id", DEFAULT) == []


# Properties

ANYTHING = st.text(max_size=40)
PHONE_LIKE = st.text("0123456789+ -()", min_size=5, max_size=18)
EMAIL_LIKE = st.builds("{}@{}.com".format, st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=10))
ODD = st.text(
    "aZé1０Ａ@＠./／。\u0301\u0308\u200b\u200d\u00ad\ufeff\u202e\u00a0\u3000\u212a\u2000\ufe0f\u1100\u1161İß ",
    max_size=12,
)
"""What tidying is about, and what turns into it when it is composed."""
REGIONS = st.sampled_from(["CN", "US", "GB", "IT", "AR", "MX", "BR", "AU", "DE"])
RULES = st.sampled_from([PHONE, EMAIL, EXACT, SCOPED, namespace(scoped=True, normalize=Normalization.EMAIL)])


@settings(max_examples=400)
@given(
    rule=RULES,
    raw=ANYTHING | PHONE_LIKE | EMAIL_LIKE | ODD | ODD.map("a{}@x.com".format),
    region=REGIONS,
    scope=st.sampled_from(["", "wx1/", "a/b/"]),
)
def test_normalising_a_normal_form_changes_nothing(rule: NamespaceRule, raw: str, region: str, scope: str) -> None:
    once = form(rule, scope + raw, region)
    assert once is None or form(rule, once, region) == once


@settings(max_examples=400)
@given(raw=PHONE_LIKE, region=REGIONS)
def test_a_phone_number_is_e164_or_nothing(raw: str, region: str) -> None:
    once = form(PHONE, raw, region)
    assert once is None or re.fullmatch(r"\+[1-9][0-9]{4,16}", once)
    assert once is None or form(PHONE, once, "US") == once


@given(
    raw=st.lists(
        st.tuples(
            st.sampled_from(["user_id", "phone", "email", "openid", "anonymous_id", "nope"]),
            st.sampled_from(["1", " 1", "a", "null", "wx/1", "wx/2", "13800138000", "+86 13800138000", "a@x.com"])
            | ANYTHING,
        ),
        max_size=8,
    )
)
def test_every_value_is_used_or_ignored_whatever_the_order(raw: list[tuple[str, str]]) -> None:
    identifiers = [RawIdentifier(*one) for one in raw]
    usable, ignored = read_identifiers(identifiers, DEFAULT)
    mirrored_usable, mirrored_ignored = read_identifiers(identifiers[::-1], DEFAULT)
    assert usable == mirrored_usable
    assert set(ignored) == set(mirrored_ignored)
    keys = [(DEFAULT.get_namespace(one.namespace).priority, one.key) for one in usable]
    assert keys == sorted(set(keys))
    gone = {(one.namespace, one.value) for one in ignored if one.code != "ambiguous_observation"}
    for one in identifiers:
        used = [found for found in normalize_lookup(one.value, one.namespace, DEFAULT) if found in usable]
        assert ((one.namespace, one.value) in gone) != bool(used)
    assert {IgnoredIdentifier(*found, "ambiguous_observation") for found in usable} >= {
        one for one in ignored if one.code == "ambiguous_observation"
    }


def test_what_is_remembered_of_values_has_a_bound_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalization, "_REMEMBERED", 3)
    rules = parse_rules("namespaces:\n  user_id: {}\n")
    values = [RawIdentifier("user_id", f"u{number}") for number in range(8)]
    for raw in (*values, *values):
        (usable, _) = read_identifiers([raw], rules)
        assert [identifier.value for identifier in usable] == [raw.value]
        assert len(rules.memory) <= 3
