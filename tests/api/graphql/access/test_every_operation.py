"""Every operation and route, tried with every scope, without a key, and with keys and tokens that must not be accepted.

`docs/scopes.md` is the table of it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from api.graphql.schema import core_schema, new_context
from api.graphql.transport.requests import GraphQLRequest
from api.graphql.transport.streaming import StreamFailedError, stream_request
from identity_graph.domain.access.keys import ONLY_WRITE
from identity_graph.domain.access.principals import ALL_SCOPES, Principal, Scope, in_order
from identity_graph.domain.access.routes import ROUTES, RouteNeed
from identity_graph.domain.access.table import GRAPHQL
from identity_graph.service.access import keys as checking
from identity_graph.service.access.managing import create_key, revoke_key, rotate_key
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service, open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.api.graphql.access.asking import Asking, asking_of
from tests.worlds.tokens import AUDIENCE, ISSUER, bad_tokens, claims, published, sign

HOUR = 3_600_000_000
SCALARS = {
    "String": "x",
    "ID": "x",
    "Int": 1,
    "Float": 0.5,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "JSON": 1,
}


def example(kind: Any) -> Any:
    """Make a value of a type, as small as it can be."""
    if isinstance(kind, GraphQLNonNull):
        return example(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [example(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        if kind.name == "RuleInput":
            return {"knownFor": "P1D"}
        return {name: example(field.type) for name, field in kind.fields.items() if is_required_input_field(field)}
    return SCALARS[kind.name]


def document_of(root: str, name: str, with_argument: str | None = None) -> tuple[str, dict[str, Any]]:
    """Write an operation of one entry point, with the arguments that it needs, and perhaps one more."""
    kind = core_schema.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    field = kind.fields[name]
    given = {key: one for key, one in field.args.items() if is_required_argument(one) or key == with_argument}
    declared = ", ".join(f"${key}: {one.type}" for key, one in given.items())
    passed = ", ".join(f"{key}: ${key}" for key in given)
    selection = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    head = f"{root.lower()} Q({declared})" if declared else f"{root.lower()} Q"
    call = f"{name}({passed})" if passed else name
    return f"{head} {{ {call} {selection} }}", {key: example(one.type) for key, one in given.items()}


OPERATIONS = [
    (root, name, argument)
    for root in ("Query", "Mutation", "Subscription")
    for name, need in GRAPHQL[root].items()
    for argument in (None, *(one for one, more in need.arguments.items() if more))
]


def needs_of(root: str, name: str, argument: str | None) -> frozenset[Scope]:
    need = GRAPHQL[root][name]
    return need.scopes if argument is None else need.scopes | need.arguments[argument]


@pytest.fixture
async def service(graph: Graph, settings: Settings) -> AsyncGenerator[Service]:
    provider = {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "oidc_jwks_url": "http://127.0.0.1:9/keys"}
    async with open_service(settings.model_copy(update=provider)) as opened:
        tokens = opened.keys._tokens
        assert tokens is not None

        async def fetch() -> Any:
            return published()

        tokens._fetch = fetch
        yield opened


@pytest.fixture
async def asking(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Asking]:
    async with asking_of(service, monkeypatch) as opened:
        yield opened


async def refused_keys(service: Service, monkeypatch: pytest.MonkeyPatch, scopes: frozenset[Scope]) -> dict[str, str]:
    """Give keys with these scopes that are not accepted any more."""
    graph = service.graph
    revoked = await create_key(graph, "revoked", scopes)
    await revoke_key(graph, revoked.key.id)
    expiring = await create_key(graph, "expiring", scopes, expires_at=now_instant() + HOUR)
    rotated = await create_key(graph, "rotated", scopes)
    await rotate_key(graph, rotated.key.id, overlap=HOUR)
    monkeypatch.setattr(checking, "now_instant", lambda: now_instant() + 2 * HOUR)
    return {
        "no key": "",
        "unknown": "key_guessed",
        "a hash of a key": checking.hash_key(rotated.secret),
        "revoked": revoked.secret,
        "expired": expiring.secret,
        "rotated, after the overlap": rotated.secret,
    }


async def missing_for(
    asking: Asking, service: Service, scopes: frozenset[Scope], operation: tuple[str, str, str | None]
) -> list[str] | None:
    """Try an operation; give the scopes that it lacks, None when it is not refused."""
    root, name, argument = operation
    query, variables = document_of(root, name, argument)
    if root != "Subscription":
        body = (await asking.send(scopes, query, variables)).json()
        errors = body.get("errors", [])
    else:
        principal = Principal("crm", "key", scopes)
        request = GraphQLRequest(query, None, variables)
        stream = stream_request(request, lambda: new_context(service, now_instant(), principal), {})
        errors = []
        with suppress(TimeoutError):
            try:
                await asyncio.wait_for(anext(stream, None), 0.05)
            except StreamFailedError as failed:
                errors = failed.errors
        await stream.aclose()
    found = [error["extensions"] for error in errors if error["extensions"]["code"] == "FORBIDDEN"]
    return found[0]["missing"] if found else None


async def test_every_operation_with_every_scope(asking: Asking, service: Service) -> None:
    """With a single scope, with all that it needs but one, and with just what it needs."""
    tried = 0
    for operation in OPERATIONS:
        needs = needs_of(*operation)
        assert needs, f"{operation} is open to everybody"
        trials = (
            [frozenset({scope}) for scope in Scope] + [needs - {scope} for scope in needs] + [frozenset[Scope](), needs]
        )
        for scopes in dict.fromkeys(trials):
            lacking = [scope.name for scope in in_order(needs - scopes)]
            missing = await missing_for(asking, service, scopes, operation)
            if lacking:
                assert missing == lacking, (operation, scopes)
            elif missing is not None:  # it may name another source than its own, or give scopes that it does not have
                assert operation[1] in {"observe", "createAccessKey"}, (operation, scopes, missing)
            tried += 1
    assert tried > 500


async def test_every_operation_without_a_good_key_or_token(
    asking: Asking, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = await refused_keys(service, monkeypatch, ALL_SCOPES)
    names = (
        "expired",
        "for another audience",
        "of another issuer",
        "signed by a stranger",
        "with another body",
        "alg none",
        "HS256 by the public key",
    )
    bad |= {f"token: {name}": bad_tokens()[name] for name in names}
    for root, name, argument in OPERATIONS:
        query, variables = document_of(root, name, argument)
        for what, credential in bad.items():
            headers = {"Authorization": f"Bearer {credential}"} if credential else {}
            answer = await asking.client.post(
                "/graphql", json={"query": query, "variables": variables}, headers=headers
            )
            assert answer.status_code == 401, (root, name, what, answer.text)
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_token_has_the_scopes_of_its_claim(asking: Asking) -> None:
    async def ask(scope: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {sign(claims(scope=scope))}"}
        answer = await asking.client.post("/graphql", json={"query": "{ rules { version } }"}, headers=headers)
        return answer.status_code, answer.json()

    assert await ask("identity-graph:read") == (200, {"data": {"rules": {"version": 1}}})
    status, body = await ask("identity-graph:admin")
    assert (status, body["errors"][0]["extensions"]["missing"]) == (403, ["READ"])
    assert (await ask("openid"))[0] == 401


async def test_every_route_of_the_collector(asking: Asking, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    good = await create_key(service.graph, "web")
    others = {
        scope: await create_key(service.graph, scope, frozenset({scope})) for scope in Scope if scope is not Scope.WRITE
    }
    both = await create_key(service.graph, "both", ONLY_WRITE | {Scope.READ})
    bad = {
        **{f"only {scope}": shown.secret for scope, shown in others.items()},
        "write and read": both.secret,
        "token": sign(claims(scope="identity-graph:write")),
        **await refused_keys(service, monkeypatch, ONLY_WRITE),
    }
    routes = [path for path, need in ROUTES.items() if need is RouteNeed.WRITE_KEY]
    assert routes
    for path in routes:
        address = path.replace("{name}", "track")
        method = "GET" if path in {"/v1/pixel/{name}", "/sa.gif"} else "POST"
        for what, key in bad.items():
            headers = {"X-Write-Key": key} if key else {}
            params = {"data": "eyJ0eXBlIjoidHJhY2sifQ=="} if method == "GET" else {}
            answer = await asking.client.request(method, address, headers=headers, params=params, content=b"{}")
            assert answer.status_code == 401, (path, what, answer.text)
        answer = await asking.client.request(method, address, headers={"X-Write-Key": good.secret}, content=b"{}")
        assert answer.status_code != 401, path
