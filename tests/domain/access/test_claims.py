from typing import Any

import pytest

from identity_graph.domain.access.claims import principal_of, scopes_of
from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal, Scope

MAPPING = {"support": frozenset({Scope.READ, Scope.PII}), "marketing": frozenset({Scope.READ, Scope.SEGMENTS})}


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("openid identity-graph:read identity-graph:rules", {Scope.READ, Scope.RULES}),
        (["identity-graph:read", "support", 7, None], {Scope.READ, Scope.PII}),
        (["support", "marketing"], {Scope.READ, Scope.PII, Scope.SEGMENTS}),
        ("read admin", set()),
        ("identity-graph:god identity-graph:", set()),
        (None, set()),
        ({"read": True}, set()),
        (7, set()),
    ],
)
def test_scopes_come_from_names_with_a_prefix_and_from_the_mapping(claim: object, scopes: set[Scope]) -> None:
    assert scopes_of(claim, MAPPING) == scopes


def who(**claims: Any) -> Principal | Refusal:
    return principal_of(claims, scopes_claim="scope", name_claim="sub", mapping=MAPPING)


def test_a_token_names_who_comes() -> None:
    assert who(sub="ann", scope="support") == Principal("ann", "token", frozenset({Scope.READ, Scope.PII}))


def test_a_token_without_a_scope_of_this_service_opens_nothing() -> None:
    assert who(sub="ann", scope="openid") is Refusal.WITHOUT_SCOPES


@pytest.mark.parametrize("sub", [None, 7, "", " ", "a\nb"])
def test_a_token_without_a_name_is_refused(sub: object) -> None:
    assert who(sub=sub, scope="support") is Refusal.FORGED
