import pytest

from identity_graph.domain.explaining.violations import explain_ignored, explain_quarantine, explain_refusal
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.partners import most_partners
from identity_graph.domain.rules.rule_set import RuleSet

RULES = parse_rules(
    """
namespaces:
  user_id: {limit: 1}
  openid: {limit: 1, scoped: true}
  device_id: {max_partners: 50}
  anonymous_id: {limit: {count: 2, within: P30D}}
"""
)


def refusal(
    code: str = "limit_exceeded",
    a: dict[str, int] | None = None,
    b: dict[str, int] | None = None,
    rules: RuleSet = RULES,
    ambiguous: str | None = None,
) -> str:
    return explain_refusal(code, "x:1", "x:2", (a or {}, b or {}), (400, 150), rules, ambiguous=ambiguous)


def test_a_quarantine_says_with_how_many_of_what_and_what_is_allowed() -> None:
    said = explain_quarantine("device_id:T", {"openid/wx1": 3, "user_id": 61}, RULES)
    assert (
        said == "device_id T was seen with 61 user_id, more than 50, so it counts as shared and its links do not count."
    )


def test_a_scope_is_read_as_people_do() -> None:
    assert "with 61 openid of wx1," in explain_quarantine("device_id:T", {"openid/wx1": 61}, RULES)


def test_a_quarantine_of_a_namespace_that_the_rules_no_longer_have_names_no_limit() -> None:
    said = explain_quarantine("coat:red", {"user_id": 61}, RULES)
    assert said == "coat red was seen with 61 user_id, so it counts as shared and its links do not count."


@pytest.mark.parametrize(
    ("partners", "expected"),
    [({}, ("identifiers", 0)), ({"b": 2, "a": 2, "c": 1}, ("a", 2)), ({"b": 3, "a": 2}, ("b", 3))],
)
def test_the_most_partners_decide_and_of_several_the_first(partners: dict[str, int], expected: tuple[str, int]) -> None:
    assert most_partners(partners) == expected


def test_a_refusal_over_a_limit_names_every_limit_that_is_exceeded() -> None:
    said = refusal(a={"user_id": 1, "anonymous_id": 2, "openid/wx1": 1}, b={"user_id": 1, "anonymous_id": 1})
    assert said == (
        "x 1 and x 2 were seen together, but together they would have 3 anonymous_id (2 and 1); the limit is 2 within 30 days; "
        "together they would have 2 user_id (1 and 1); the limit is 1."
    )


def test_a_refusal_over_a_limit_leaves_out_what_is_within_it_and_what_has_none() -> None:
    said = refusal(a={"anonymous_id": 1, "coat": 9, "device_id": 9}, b={"anonymous_id": 1, "coat": 9, "device_id": 9})
    assert (
        said == "x 1 and x 2 were seen together, but a limit kept their customers apart when this link was considered."
    )


def test_a_refusal_by_size_says_the_sizes() -> None:
    said = refusal("customer_full")
    assert "together they would have 550 identifiers (400 and 150); the limit is 500." in said


@pytest.mark.parametrize(("ambiguous", "claimed"), [("x:2", "x 2"), (None, "x 1")])
def test_an_ambiguous_owner_is_named(ambiguous: str | None, claimed: str) -> None:
    assert f"several customers claim {claimed}," in refusal("ambiguous_owner", ambiguous=ambiguous)


def test_a_judgement_is_told() -> None:
    assert refusal("judged_different").endswith("but a judgement says that their customers are different persons.")


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("blocked", '"null" is blocked as a phone'),
        ("invalid", '"null" is not a valid phone'),
        ("undeclared", "The rules do not declare the namespace phone"),
        ("claimed", '"null" is only claimed: the source of the event may not assert a phone'),
        ("ambiguous_observation", '"null" was seen together with another phone'),
    ],
)
def test_a_value_that_is_none_is_told_with_its_reason(code: str, begins: str) -> None:
    assert explain_ignored(code, "phone", "null").startswith(begins)
