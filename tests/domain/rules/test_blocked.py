"""Values that stand for nobody: they are identifiers in no namespace."""

import pytest

from identity_graph.domain.rules.blocked import BLOCKED_VALUES, is_blocked_everywhere
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.normalization import blocked_forms, normalize_lookup
from identity_graph.domain.rules.rule_set import Normalization
from tests.worlds.reading_values import DEFAULT, code_of


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


UNFILLED = [
    "${userId}",
    "#{id}",
    "@{id}",
    "{{user.id}}",
    "{{_user_id_}}",
    "{%id%}",
    "<%=_id_%>",
    "<?=_$id_?>",
    "[[id]]",
    "[%id%]",
    "*|EMAIL|*",
    "%%EMAIL%%",
    "@@EMAIL@@",
    "##EMAIL##",
    "{$email}",
    "{!Contact.Email}",
    "{email}",
    "{user.id}",
    "{0}",
    "%EMAIL%",
    "%s",
    "%1$s",
    "%@",
    "__IDFA__",
    "[IFA]",
    "$IDFA$",
    "%7B%7Buser.id%7D%7D",
    "$%7BuserId%7D",
    "user-${id}",
    "{{user}}@shop.com",
]


@pytest.mark.parametrize("value", UNFILLED)
def test_templates_that_were_never_filled_are_blocked(value: str) -> None:
    for name in ("user_id", "email", "phone", "ad_id"):
        assert code_of(name, value.replace("_", " ") if "_user" in value else value) == "blocked"
    assert code_of("openid", f"wx1/{value}") == "blocked"
    assert normalize_lookup(value, None, DEFAULT) == []


@pytest.mark.parametrize(
    "value",
    [
        *(
            '"null"',
            '""',
            "''",
            "'undefined'",
            "“null”",
            "`none`",
            "{}",
            "[]",
            "[null]",
            '["null"]',
            '\\"null\\"',
            '"0"',
        ),
        *("＂null＂", "\u200b", "\ufeffnull", "nu\u00adll", "[object Promise]", '"[object Object]"', "#REF!"),
    ],
)
def test_words_for_nothing_are_blocked_in_quotes_and_brackets_too(value: str) -> None:
    for name in ("user_id", "email", "phone"):
        assert code_of(name, value) == "blocked"


@pytest.mark.parametrize(
    "value",
    [
        "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
        "{d3adbeef12}",
        "a%b",
        "50%",
        "%41%",
        "%20%20",
        "A%7BB",
        "%5b1%5d",
        "u{1}",
        "{12}",
        "[abc]",
        "[1]",
        "x[[0]]",
        "*x*",
        "a|b",
        "shop@@ann@@7",
        "shop##ann##7",
        "a%%b%%c",
        "__proto__",
        "__init",
        "$100",
        "$a$",
        "'ada'",
        "O'Neil",
        "<ada>",
        "(7)",
        "guest1",
        "nullable",
        "null-1",
        "aGVsbG8=",
        "##",
        "@@",
    ],
)
def test_values_that_look_a_little_like_it_are_not_blocked(value: str) -> None:
    assert code_of("user_id", value) == "usable"


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
