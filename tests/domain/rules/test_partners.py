"""Who counts as a partner of whom."""

from dataclasses import replace

import pytest

from identity_graph.domain.rules.partners import crowding_of, find_partner_scope, has_too_many_partners
from identity_graph.domain.values.identifiers import Identifier
from tests.worlds.worlds import make_rules

RULES = make_rules()


@pytest.mark.parametrize(
    ("partner", "identifier", "scope"),
    [
        ("crm:1", "cookie:1", "crm"),
        ("openid:wxA/1", "crm:1", "openid/wxA"),
        ("openid:wxA/1", "openid:wxA/2", "openid/wxA"),
        ("phone:1", "device:1", "phone"),
        ("phone:1", "crm:1", None),
        ("phone:1", "phone:2", None),
        ("cookie:1", "phone:1", None),
        ("device:1", "cookie:1", None),
        ("hat_size:7", "cookie:1", None),
        ("crm:1", "hat_size:7", None),
    ],
)
def test_a_partner_counts_in_its_scope_when_a_customer_has_one_of_it_or_when_it_is_limited_and_stronger(
    partner: str, identifier: str, scope: str | None
) -> None:
    assert find_partner_scope(Identifier.from_key(partner), Identifier.from_key(identifier), RULES) == scope


def test_all_that_is_declared_is_stronger_than_what_is_not() -> None:
    rules = replace(RULES, accept_undeclared=True)
    hat, other = Identifier("hat_size", "7"), Identifier("ring_size", "9")
    assert find_partner_scope(Identifier("cookie", "1"), hat, rules) == "cookie"
    assert find_partner_scope(hat, other, rules) is None
    assert find_partner_scope(hat, Identifier("cookie", "1"), rules) is None


def test_partners_are_too_many_when_those_of_one_scope_are() -> None:
    rule = replace(RULES.namespaces["device"], max_partners=2)
    assert not has_too_many_partners({}, rule)
    assert not has_too_many_partners({"crm": 2, "phone": 2}, rule)
    assert has_too_many_partners({"crm": 1, "phone": 3}, rule)


def test_it_is_told_how_full_of_partners_an_identifier_is_from_one_half_on() -> None:
    rule = replace(RULES.namespaces["device"], max_partners=3)
    assert crowding_of({}, rule) is None
    assert crowding_of({"crm": 1, "phone": 1}, rule) is None
    assert crowding_of({"crm": 1, "phone": 2}, rule) == 66
    assert crowding_of({"crm": 6}, rule) == 200
