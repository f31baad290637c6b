"""What a raw value means, or why it is no identifier."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_graph.domain.blocked import BLOCKED_VALUES, is_blocked_everywhere, is_placeholder_number
from identity_graph.domain.identifiers import Identifier, IgnoredIdentifier, RawIdentifier
from identity_graph.domain.normalization import (
    blocked_forms,
    normalize,
    normalize_lookup,
    read_identifiers,
    undeclared_form,
)
from identity_graph.domain.rules import NamespaceRule, Normalization, RuleSet
from identity_graph.domain.rules_file import load_preset, parse_rules

DEFAULT = load_preset()


def namespace(**given: object) -> NamespaceRule:
    base: dict[str, object] = {"name": "account", "label": "Account", "priority": 0}
    return NamespaceRule(**(base | given))  # pyright: ignore[reportArgumentType]


PHONE = namespace(normalize=Normalization.PHONE)
EMAIL = namespace(normalize=Normalization.EMAIL)
EXACT = namespace()
SCOPED = namespace(scoped=True)


def form(rule: NamespaceRule, raw: str, region: str = "CN") -> str | None:
    return normalize(rule, raw, default_region=region)


def read(*raw: tuple[str, str], rules: RuleSet = DEFAULT) -> tuple[list[str], list[tuple[str, str, str]]]:
    usable, ignored = read_identifiers([RawIdentifier(*one) for one in raw], rules)
    return [identifier.key for identifier in usable], [(one.namespace, one.value, one.code) for one in ignored]


def code_of(namespace: str, value: str, rules: RuleSet = DEFAULT) -> str:
    usable, ignored = read((namespace, value), rules=rules)
    assert len(usable) + len(ignored) == 1
    return ignored[0][2] if ignored else "usable"


# Phone numbers


@pytest.mark.parametrize(
    "raw",
    [
        "13800138000",
        " 13800138000\n",
        "+86 138-0013-8000",
        "+86 138 0013 8000",
        "0086 138 0013 8000",
        "008613800138000",
        "8613800138000",
        "(+86) 138 0013 8000",
        "+86(0)13800138000",
        "+86.138.0013.8000",
        "１３８００１３８０００",
        "＋８６　１３８－００１３－８０００",
        "\u202d+86 138 0013 8000\u202c",
        "tel:+86-138-0013-8000",
        "138\u20110013\u20118000",
    ],
)
def test_one_phone_number_has_one_form_however_it_is_written(raw: str) -> None:
    assert form(PHONE, raw) == "+8613800138000"


def test_a_phone_number_without_a_country_code_is_read_in_the_default_region() -> None:
    assert form(PHONE, "07400 123456", region="GB") == "+447400123456"
    assert form(PHONE, "+86 13800138000", region="GB") == "+8613800138000"
    assert form(PHONE, "07400 123456", region="US") is None


@pytest.mark.parametrize(
    "raw",
    [
        "abc",
        "12",
        "+",
        "10086",
        "82345678",  # a local number: every city may have it
        "1380013800",  # a digit short
        "138001380001",  # a digit too many
        "13800138000 ext 5",
        "13800138000 / 13900139000",
        "13800138000,13900139000",
        "call 13800138000",
        "1-800-FLOWERS",
        "+999 12345678",
        "138+00138000",
        "+8600013800138",  # it would come out shorter each time it is read
        "+" + "1" * 300,
    ],
)
def test_what_cannot_be_called_is_no_phone_number(raw: str) -> None:
    assert code_of("phone", raw) == "invalid"


def test_with_a_country_code_the_length_decides_since_numbering_plans_change() -> None:
    assert form(PHONE, "+1 555 010 1234") == "+15550101234"
    assert form(PHONE, "+86 120 1234 5678") == "+8612012345678"
    assert form(PHONE, "12012345678") is None


@pytest.mark.parametrize(
    "raw", ["00000000000", "11111111111", "+86 11111111111", "99999999", "1234567890", "12345678901", "123 4567"]
)
def test_numbers_that_are_typed_to_fill_a_field_are_blocked(raw: str) -> None:
    assert code_of("phone", raw) == "blocked"


def test_vanity_numbers_are_no_placeholders() -> None:
    assert form(PHONE, "13888888888") == "+8613888888888"
    assert not is_placeholder_number("123456")


def test_an_e164_form_that_cannot_be_read_again_is_invalid() -> None:
    assert form(PHONE, "0000000000000000001") is None


# E-mail addresses


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("ada+shop@example.com", "ada+shop@example.com"),
        ("a.da@gmail.com", "a.da@gmail.com"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("ada@XN--STRAE-OQA.de", "ada@straße.de"),
        ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
        ("E\u0301ve@example.com", "éve@example.com"),
    ],
)
def test_an_address_is_lower_cased_and_its_domain_put_in_one_form(raw: str, expected: str) -> None:
    assert form(EMAIL, raw) == expected


@pytest.mark.parametrize("raw", ["ada", "ada@", "@example.com", "ada@localhost", "Ada <ada@example.com>", "a b@x.com"])
def test_what_is_no_address_is_invalid(raw: str) -> None:
    assert code_of("email", raw) == "invalid"


# Everything else


@pytest.mark.parametrize("value", ["1", "test1", "u-1", "NO", "001", "null-1", "张三", "x" * 512, "a:b/c", "100"])
def test_other_values_are_trimmed_and_exact(value: str) -> None:
    assert form(EXACT, f"  {value}\t") == value


def test_case_is_kept_in_other_values() -> None:
    assert read(("user_id", "Ada"), ("device_id", "ada"))[0] == ["user_id:Ada", "device_id:ada"]


@pytest.mark.parametrize("value", ["x" * 513, "a\x00b", "a\nb", "a\x7fb", "a\x9fb", "a\ud800b", "\udfff"])
def test_too_long_values_control_characters_and_lone_surrogates_are_invalid(value: str) -> None:
    assert code_of("user_id", value) == "invalid"
    assert code_of("email", value) == "invalid"
    assert code_of("phone", value) == "invalid"
    assert code_of("openid", f"wx1/{value}") == "invalid"


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


# Blocked values


@pytest.mark.parametrize("value", sorted(BLOCKED_VALUES))
def test_every_built_in_value_is_blocked_in_any_case_and_namespace(value: str) -> None:
    assert value == value.casefold()
    for name in ("user_id", "email", "phone", "openid"):
        assert code_of(name, f" {value.upper()} ") == "blocked"


@pytest.mark.parametrize(
    "value",
    ["", "   ", "0", "-1", "0000000000", "-", "--", "00000000-0000-0000-0000-000000000000", "00:00:00:00:00:00", "0.0"],
)
def test_zeros_and_nothing_are_blocked(value: str) -> None:
    assert is_blocked_everywhere(value.strip())
    assert code_of("ad_id", value) == "blocked"
    assert code_of("phone", value) == "blocked"


def test_blocked_outranks_invalid() -> None:
    assert code_of("email", "null") == "blocked"
    assert code_of("phone", "undefined") == "blocked"
    assert code_of("email", "Test@Test.com") == "blocked"


def test_a_namespace_blocks_its_own_values_in_any_spelling() -> None:
    rules = parse_rules(
        """
        namespaces:
          phone: {normalize: phone, blocked: [400-800-8820]}
          email: {normalize: email, blocked: ["Shop@Example.com", "/@example\\\\.org$/"]}
          card: {blocked: [Lost, 007, null]}
          openid: {scoped: true, blocked: [oSHARED, wx2/oONE, /^kiosk/]}
        """
    )
    assert code_of("phone", "+86 400 800 8820", rules) == "blocked"
    assert code_of("phone", "4008008820", rules) == "blocked"
    assert code_of("phone", "4008008821", rules) == "usable"
    assert code_of("email", "SHOP@example.com", rules) == "blocked"
    assert code_of("email", "Ada@EXAMPLE.org", rules) == "blocked"
    assert code_of("email", "ada@example.com", rules) == "usable"
    assert code_of("card", "lost", rules) == "blocked"
    assert code_of("card", "007", rules) == "blocked"
    assert code_of("card", "7", rules) == "usable"
    assert code_of("openid", "wx1/oSHARED", rules) == "blocked"
    assert code_of("openid", "wx2/oONE", rules) == "blocked"
    assert code_of("openid", "wx1/oONE", rules) == "usable"
    assert code_of("openid", "wx1/kiosk7", rules) == "blocked"


def test_blocked_forms_are_as_written_and_normalised() -> None:
    assert blocked_forms(" 138-0013-8000 ", Normalization.PHONE, default_region="CN") == {
        "138-0013-8000",
        "+8613800138000",
    }
    assert blocked_forms("Lost", Normalization.PHONE, default_region="CN") == {"lost"}
    assert blocked_forms("A@B.com", Normalization.EMAIL, default_region="CN") == {"a@b.com"}


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
REGIONS = st.sampled_from(["CN", "US", "GB", "IT", "AR", "MX", "BR", "AU", "DE"])
RULES = st.sampled_from([PHONE, EMAIL, EXACT, SCOPED, namespace(scoped=True, normalize=Normalization.EMAIL)])


@settings(max_examples=400)
@given(rule=RULES, raw=ANYTHING | PHONE_LIKE | EMAIL_LIKE, region=REGIONS, scope=st.sampled_from(["", "wx1/", "a/b/"]))
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
