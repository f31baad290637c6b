from typing import Any

import pytest

from identity_graph.domain.health.findings import Finding, Level, Verdict, find_findings, verdict_of
from identity_graph.domain.health.numbers import Health, NamespaceHealth
from identity_graph.domain.rules.file import load_preset, parse_stored_rules

RULES = load_preset()


def find(*namespaces: NamespaceHealth, **numbers: Any) -> list[Finding]:
    """Find what stands out in a graph that is healthy but for these numbers."""
    health: dict[str, Any] = {
        "taken_at": 0,
        "rules_version": 1,
        "max_identifiers": 500,
        "customers": 100,
        "identifiers": 200,
    }
    health |= numbers
    return find_findings(Health(namespaces=namespaces, **health), RULES)


def test_an_expression_that_is_not_known_any_more_asks_to_act() -> None:
    rules = parse_stored_rules("namespaces: {card: {blocked: ['/(?=x)/']}}", name="rules")
    health = Health(taken_at=0, rules_version=1, max_identifiers=500, customers=100, identifiers=200)
    (finding,) = find_findings(health, rules)
    assert (finding.level, finding.code) == (Level.ACT, "unknown_expression")
    assert "card" in finding.title


def codes(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level.value, finding.code) for finding in findings]


def phone(**numbers: Any) -> NamespaceHealth:
    usual: dict[str, Any] = {"identifiers": 1000, "observations": 1000}
    return NamespaceHealth(namespace="phone", **(usual | numbers))


def test_nothing_stands_out_in_a_healthy_graph() -> None:
    found = find(phone(ignored={"invalid": 10, "blocked": 100, "ambiguous_observation": 10}), anonymous_customers=50)
    assert found == []
    assert verdict_of(found) is Verdict.HEALTHY


@pytest.mark.parametrize(
    ("numbers", "level", "code", "told"),
    [
        ({"dead_letters": 1}, "act", "dead_letters", "1 message waits"),
        ({"dead_letters": 1200}, "act", "dead_letters", "1,200 messages wait"),
        ({"identifiers": 0}, "look", "empty", "no identifier yet"),
        ({"violations": {"customer_full": 3}}, "act", "customer_full", "3 links are refused"),
        ({"nearly_full_customers": 1, "largest_customer": 420}, "look", "nearly_full", "the largest has 420"),
        ({"anonymous_customers": 97}, "look", "anonymous", "97% of the customers are anonymous"),
    ],
)
def test_what_stands_out_of_all_is_told(numbers: dict[str, Any], level: str, code: str, told: str) -> None:
    (found,) = find(**numbers)
    assert (found.level, found.code) == (level, code)
    assert told in found.title
    assert found.advice


@pytest.mark.parametrize(
    ("numbers", "level", "code", "told"),
    [
        (
            {"quarantined": 3},
            "look",
            "quarantined",
            "phone has 3 quarantined values: seen with more than 8 identifiers of one namespace",
        ),
        ({"quarantined": 30}, "act", "quarantined", "phone has 30 quarantined values"),
        ({"quarantined": 30, "identifiers": 100_000}, "look", "quarantined", "phone has 30"),
        (
            {"crowded": 1},
            "look",
            "crowded",
            "phone has 1 value with at least 80 % of 8 partners allowed in one namespace",
        ),
        ({"ignored": {"invalid": 120}, "observations": 880}, "look", "invalid", "12% of the phone values are invalid."),
        ({"ignored": {"invalid": 1000}}, "act", "invalid", "50% of the phone values are invalid."),
        ({"ignored": {"blocked": 500}}, "look", "blocked", "33% of the phone values are blocked"),
        ({"ignored": {"ambiguous_observation": 80}}, "look", "ambiguous_observation", "8% of the phone values came"),
    ],
)
def test_what_stands_out_of_a_namespace_is_told(numbers: dict[str, Any], level: str, code: str, told: str) -> None:
    (found,) = find(phone(**numbers))
    assert (found.level, found.code) == (level, code)
    assert told in found.title


def test_invalid_phone_numbers_lead_to_the_region_and_other_values_to_the_list() -> None:
    (phones,) = find(phone(ignored={"invalid": 200}))
    (addresses,) = find(NamespaceHealth(namespace="email", observations=800, ignored={"invalid": 200}))
    assert "read as numbers of CN" in phones.advice
    assert "violations(code" in addresses.advice


def test_a_namespace_that_the_rules_do_not_have_is_told() -> None:
    (found,) = find(NamespaceHealth(namespace="coat", ignored={"undeclared": 20}))
    assert (found.level, found.code) == ("look", "undeclared")
    assert "in the namespace coat" in found.title
    assert find(NamespaceHealth(namespace="coat", observations=20)) == []


def test_a_few_values_say_nothing() -> None:
    assert find(phone(identifiers=10, observations=9, ignored={"invalid": 10})) == []
    assert find(NamespaceHealth(namespace="coat", ignored={"undeclared": 19})) == []
    assert find(customers=19, anonymous_customers=19) == []


def test_what_asks_for_an_act_comes_first_and_decides() -> None:
    found = find(phone(crowded=1, ignored={"invalid": 1000}), anonymous_customers=99)
    assert codes(found) == [("act", "invalid"), ("look", "anonymous"), ("look", "crowded")]
    assert verdict_of(found) is Verdict.ACT
    assert verdict_of(finding for finding in found if finding.level is Level.LOOK) is Verdict.LOOK
