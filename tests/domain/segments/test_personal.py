from typing import Any

import pytest

from identity_graph.domain.access.principals import ALL_SCOPES, Principal, Scope
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.segments.fields import Finding
from identity_graph.domain.segments.personal import check_conditions
from identity_graph.domain.segments.reading import find_rule
from identity_graph.errors import ForbiddenError

CATALOGUE = parse_catalogue(
    "traits: {name: {personal: true}, tier: {}}\ncomputed: {visits: {event: Viewed, policy: count}}", name="test"
)
BLIND = Principal("crm", "key", ALL_SCOPES - {Scope.PII})


def check(rule: dict[str, Any], principal: Principal = BLIND) -> None:
    found: list[Finding] = []
    read = find_rule(rule, found, "rule")
    assert found == []
    check_conditions(read, principal, load_preset(), CATALOGUE)


def equals(name: str) -> dict[str, Any]:
    return {"name": name, "op": "EQ", "value": "x"}


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({"trait": equals("name")}, "name"),
        ({"trait": equals("undeclared")}, "undeclared"),
        ({"not": {"all": [{"any": [{"trait": equals("name")}]}]}}, "name"),
        ({"did": {"event": "A", "where": [equals("contact.email")]}}, "contact.email"),
        ({"ordered": {"where": [equals("phone")]}}, "phone"),
        (
            {"sequence": {"within": "P1D", "steps": [{"event": "A"}, {"event": "B", "where": [equals("phone")]}]}},
            "phone",
        ),
        ({"did": {"event": "A", "measure": {"of": "phone", "as": "DISTINCT", "op": "GE", "value": 1}}}, "phone"),
    ],
)
def test_conditions_on_personal_values_need_pii(rule: dict[str, Any], name: str) -> None:
    with pytest.raises(ForbiddenError, match=f"scope `pii`: {name}[.]"):
        check(rule)
    check(rule, Principal("support", "key", ALL_SCOPES))


@pytest.mark.parametrize(
    "rule",
    [
        {"trait": equals("tier")},
        {"trait": {"name": "visits", "op": "GE", "value": 3}},
        {"trait": {"name": "name", "op": "EXISTS"}},
        {"did": {"event": "A", "where": [equals("colour"), {"name": "email", "op": "EXISTS"}], "within": "P3D"}},
        {"did": {"event": "A", "measure": {"of": "total", "as": "SUM", "op": "GE", "value": 1}}},
        {"did": {"event": "A", "measure": {"as": "DAYS", "op": "GE", "value": 1}}},
        {"hasIdentifier": "email"},
        {"metric": {"name": "ORDERS", "op": "GE", "value": 1}},
    ],
)
def test_other_conditions_need_no_pii(rule: dict[str, Any]) -> None:
    check(rule)
