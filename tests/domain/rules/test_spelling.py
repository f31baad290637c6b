"""Phone numbers, e-mail addresses and other values, each in the one spelling that all of its spellings mean."""

import pytest

from identity_graph.domain.rules.blocked import is_placeholder_number
from identity_graph.domain.rules.normalization import normalize_lookup
from identity_graph.domain.values.identifiers import Identifier
from tests.worlds.reading_values import DEFAULT, EMAIL, EXACT, PHONE, SCOPED, code_of, form, read

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


@pytest.mark.parametrize("raw", ["3012345678.0", "13800138000.0", "13800138000.00", "+8613800138000.0", "1380013800.5"])
def test_a_number_with_decimals_is_no_phone_number(raw: str) -> None:
    assert code_of("phone", raw) == "invalid"
    assert form(PHONE, raw, region="US") is None


@pytest.mark.parametrize("raw", ["01.23.45.67.00", "+33.123456700", "0123456700."])
def test_dots_between_groups_of_digits_are_fine(raw: str) -> None:
    assert form(PHONE, raw, region="FR") == "+33123456700"


@pytest.mark.parametrize(
    "raw",
    [
        "+52 55 1234 5678",
        "+52 1 55 1234 5678",
        "+5215512345678",
        "0052 1 55 1234 5678",
        "+52 044 55 1234 5678",
        "+52 (01) 55 1234 5678",
        "044 55 1234 5678",
        "1 55 1234 5678",
        "55 1234 5678",
    ],
)
def test_mexican_numbers_are_one_with_and_without_the_prefixes_that_were_given_up(raw: str) -> None:
    assert form(PHONE, raw, region="MX") == "+525512345678"


def test_what_is_no_prefix_in_mexico_stays() -> None:
    assert form(PHONE, "+52 155 1234 567", region="CN") == "+521551234567"
    assert form(PHONE, "+1 155 123 4567", region="MX") == "+11551234567"


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
        ("\ufeffada@exa\u00admple.com\u200b", "ada@example.com"),
        ("\u202aada@example.com\u202c", "ada@example.com"),
        ("\u00a0ada@example.com\u00a0", "ada@example.com"),
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
        ("ada@printer.LOCAL", "ada@printer.local"),
        ("ada@shop.test", "ada@shop.test"),
        ("ada@shop.invalid", "ada@shop.invalid"),
        ("a..da@docomo.ne.jp", "a..da@docomo.ne.jp"),
        ("Ada.@docomo.ne.jp", "ada.@docomo.ne.jp"),
        ("ada...@docomo.ne.jp", "ada...@docomo.ne.jp"),
    ],
)
def test_an_address_is_lower_cased_and_its_domain_put_in_one_form(raw: str, expected: str) -> None:
    assert form(EMAIL, raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "ada",
        "ada@",
        "@example.com",
        "..@example.com",
        "ada@localhost",
        "ada@1.2.3.4",
        "ada@example..com",
        "ada@example.com.",
        "Ada <ada@example.com>",
        "a b@x.com",
        "a@b@x.com",
    ],
)
def test_what_is_no_address_is_invalid(raw: str) -> None:
    assert code_of("email", raw) == "invalid"


# Everything else


@pytest.mark.parametrize("value", ["1", "test1", "u-1", "NO", "001", "null-1", "张三", "x" * 512, "a:b/c", "100"])
def test_other_values_are_trimmed_and_exact(value: str) -> None:
    assert form(EXACT, f"  {value}\t") == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("u\u200b1", "u1"),
        ("\ufeffu1", "u1"),
        ("u\u00ad1\u2060", "u1"),
        ("\u202eu1\u202c", "u1"),
        ("u1\ufe0f", "u1"),
        ("Ｕ１", "U1"),
        ("a\u00a0b", "a b"),
        ("\u3000a\u2009b\u202f", "a b"),
        ("Zoe\u0308", "Zoë"),
        ("张\u200b三", "张三"),
        ("x²", "x²"),
    ],
)
def test_what_looks_alike_is_written_alike(raw: str, expected: str) -> None:
    assert form(EXACT, raw) == expected
    assert normalize_lookup(raw, "user_id", DEFAULT) == [Identifier("user_id", expected)]


def test_a_full_width_slash_parts_scope_and_value() -> None:
    assert form(SCOPED, "ｗｘ１／oABC") == "wx1/oABC"


def test_case_is_kept_in_other_values() -> None:
    assert read(("user_id", "Ada"), ("device_id", "ada"))[0] == ["user_id:Ada", "device_id:ada"]


@pytest.mark.parametrize("value", ["x" * 513, "a\x00b", "a\nb", "a\x7fb", "a\x9fb", "a\ud800b", "\udfff"])
def test_too_long_values_control_characters_and_lone_surrogates_are_invalid(value: str) -> None:
    assert code_of("user_id", value) == "invalid"
    assert code_of("email", value) == "invalid"
    assert code_of("phone", value) == "invalid"
    assert code_of("openid", f"wx1/{value}") == "invalid"
