"""Authorisation: every operation, field and route is tried with every scope, and with what must not be accepted.

`docs/authorisation.md` is written from the same expectations. The service is a live one; keys and tokens are real.
"""

import asyncio
import http.client
import json
import re
import threading
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed

from api.graphql.transport.socket_messages import FORBIDDEN
from identity_graph.domain.access.principals import ALL_SCOPES, Scope
from identity_graph.domain.access.routes import ROUTES, RouteNeed
from identity_graph.domain.access.table import GRAPHQL
from identity_graph.reference.authorisation_page import (
    ALL,
    BUT_ONE,
    COLUMNS,
    ITS_SCOPES,
    REFUSED,
    SCOPES_OF_ROUTES,
    Outcome,
    expect_fields,
    expect_operations,
    expect_routes,
)
from identity_graph.service.access import keys as checking
from identity_graph.service.access.managing import create_key, revoke_key, rotate_key
from identity_graph.service.clock import now_instant
from identity_graph.settings import Settings, WechatAccount, WecomAccount
from identity_graph.store.driver.graph import Graph
from tests.api.documents import Document, document_of_field, document_of_operation
from tests.api.graphql.changes.following import following
from tests.live import ADMIN_KEY, AES_KEY, APP_ID, CORP_ID, TOKEN, WRITE_KEY, Live, serve
from tests.neo4j_server import TestServer, wipe
from tests.worlds.tokens import AUDIENCE, ISSUER, bad_tokens, claims, published, sign

HOUR = 3_600_000_000
PLACE = re.compile(r"(\w+)(?:\((\w+):\))?")
Scopes = frozenset[Scope]

FORGED = (
    "signed by a stranger",
    "with another body",
    "HS256 by the public key",
    "of another issuer",
    "for another audience",
)


class Trial(NamedTuple):
    """The live service, keys by their scopes, and what must not be accepted, by column."""

    live: Live
    keys: Mapping[Scopes, str]
    refused: Mapping[str, list[str]]

    def credentials(self, column: str, needs: Scopes) -> list[str]:
        """Give the credentials of a column, for something that needs scopes."""
        if column in self.refused:
            return list(self.refused[column])
        if column == BUT_ONE:
            return [self.keys[ALL_SCOPES - {scope}] for scope in needs or ALL_SCOPES]
        scopes = {ITS_SCOPES: needs, ALL: ALL_SCOPES}.get(column) or frozenset({Scope(column.strip("`"))})
        return [self.keys[scopes]]


class Provider(BaseHTTPRequestHandler):
    """Publishes the keys of the tests' identity provider."""

    def do_GET(self) -> None:
        body = json.dumps(published()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Generator[str]:
    """Give the address of the keys of an identity provider."""
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()


@pytest.fixture(scope="module")
async def trial(
    session_graph: Graph, neo4j_server: TestServer, provider: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Trial]:
    """Serve an empty graph that knows the keys of all trials."""
    await wipe(session_graph)
    folder: Path = tmp_path_factory.mktemp("authorisation")
    settings = Settings(
        port=0,
        data_dir=folder,
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=SecretStr(neo4j_server.password),
        neo4j_database=neo4j_server.database,
        write_key=SecretStr(WRITE_KEY),
        admin_key=SecretStr(ADMIN_KEY),
        wrong_keys_per_second_per_address=0,
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks_url=provider,
        wechat_accounts={"store": WechatAccount(app_id=APP_ID, token=SecretStr(TOKEN))},
        wecom_accounts={
            "store": WecomAccount(corp_id=CORP_ID, token=SecretStr(TOKEN), aes_key=SecretStr(AES_KEY)),
        },
    )
    with serve(settings) as live:
        yield Trial(live, await make_keys(session_graph), await make_refused(session_graph))


async def make_keys(graph: Graph) -> dict[Scopes, str]:
    """Make a key for each set of scopes that a row of the page needs. The write key is called x, as the examples' source."""
    singles = {frozenset({scope}) for scope in Scope}
    sets = {need.scopes | more for _, _, need, more in list_places(GRAPHQL)} | singles
    sets |= {ALL_SCOPES} | {ALL_SCOPES - {scope} for scope in Scope}
    return {
        scopes: (
            await create_key(graph, "x" if len(scopes) == 1 and Scope.WRITE in scopes else f"k{number}", scopes)
        ).secret
        for number, scopes in enumerate(sorted(sets - {frozenset()}, key=sorted))
    }


async def make_refused(graph: Graph) -> dict[str, list[str]]:
    """Make what must not be accepted; as far as it is a key it would have all scopes, and one would have write."""
    revoked = [await create_key(graph, "revoked", scopes) for scopes in (ALL_SCOPES, frozenset({Scope.WRITE}))]
    expired = [
        await create_key(graph, "expired", scopes, expires_at=now_instant() + HOUR)
        for scopes in (ALL_SCOPES, frozenset({Scope.WRITE}))
    ]
    rotated = await create_key(graph, "rotated", ALL_SCOPES)
    await rotate_key(graph, rotated.key.id, overlap=HOUR)
    for one in revoked:
        await revoke_key(graph, one.key.id)
    await graph.run(
        "MATCH (k:AccessKey) WHERE k.id IN $ids SET k.expires_at = datetime() - duration('PT1S')",
        ids=[one.key.id for one in expired],
    )
    await graph.run(
        "MATCH (k:AccessKey) WHERE k.id = $id SET k.previous_until = datetime() - duration('PT1S')", id=rotated.key.id
    )
    tokens = bad_tokens()
    found = {
        "none": [""],
        "unknown": ["key_guessed", checking.hash_key(rotated.secret), rotated.secret],
        "revoked": [one.secret for one in revoked],
        "expired": [*(one.secret for one in expired), tokens["expired"]],
        "forged": [tokens[name] for name in FORGED],
        "`alg: none`": [tokens["alg none"]],
    }
    assert tuple(found) == REFUSED
    return found


def list_places(table: Any) -> Iterable[tuple[str, str, Any, Scopes]]:
    """List types and fields with their needs, and those of each argument that needs more."""
    for kind, fields in table.items():
        for name, need in fields.items():
            for more in (frozenset[Scope](), *need.arguments.values()):
                yield kind, name, need, more


class Caller:
    """Asks on one connection, which costs less than a client for each request."""

    def __init__(self, live: Live) -> None:
        host, _, port = live.host.partition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=60)

    def close(self) -> None:
        self._connection.close()

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
        """Send a request; return the status and the body of the answer."""
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def ask(self, document: Document, credential: str) -> tuple[Outcome, str]:
        """Ask GraphQL; return what happens, with the refusal's message."""
        headers = {"Content-Type": "application/json"}
        if credential:
            headers["Authorization"] = f"Bearer {credential}"
        status, body = self.call("POST", "/graphql", headers, json.dumps(document._asdict()).encode())
        errors = json.loads(body).get("errors", [])
        codes = {error["extensions"]["code"] for error in errors}
        assert "GRAPHQL_VALIDATION_FAILED" not in codes, (document, body)
        assert (status == 401) == ("UNAUTHENTICATED" in codes), body
        if status == 401:
            assert "data" not in json.loads(body)
            return Outcome.UNAUTHENTICATED, ""
        if "FORBIDDEN" in codes:
            return Outcome.FORBIDDEN, errors[0]["message"]
        assert status < 500, (document, body)
        return Outcome.ALLOWED, ""


@pytest.fixture
def caller(trial: Trial) -> Generator[Caller]:
    """Give a connection to the live service."""
    caller = Caller(trial.live)
    yield caller
    caller.close()


async def follow(live: Live, document: Document, credential: str) -> Outcome:
    """Try a subscription over a WebSocket."""
    async with following(live) as follower:
        await follower.say("connection_init", payload={"accessKey": credential})
        try:
            heard = await follower.hear()
        except ConnectionClosed:
            assert follower.socket.close_code == FORBIDDEN
            return Outcome.FORBIDDEN
        assert heard == {"type": "connection_ack"}
        await follower.subscribe(document.query, **document.variables)
        try:
            heard = await asyncio.wait_for(follower.hear(), 0.1)
        except TimeoutError:
            return Outcome.ALLOWED
        codes = {error["extensions"]["code"] for error in heard.get("payload", []) if heard["type"] == "error"}
        return Outcome.FORBIDDEN if "FORBIDDEN" in codes else Outcome.ALLOWED


def one_of(outcomes: Iterable[Outcome], what: object) -> Outcome:
    """Give the outcome that all trials of a cell had."""
    found = set(outcomes)
    assert len(found) == 1, (what, found)
    return found.pop()


async def try_operations(trial: Trial, caller: Caller) -> dict[str, dict[str, dict[str, Outcome]]]:
    """Try each operation with the credentials of each column."""
    observed: dict[str, dict[str, dict[str, Outcome]]] = {}
    for kind, rows in expect_operations().items():
        for place in rows:
            found = PLACE.fullmatch(place)
            assert found is not None
            name, argument = found[1], found[2]
            need = GRAPHQL[kind][name]
            needs = need.scopes | (need.arguments[argument] if argument else frozenset())
            document = document_of_operation(kind, name, argument)
            row = observed.setdefault(kind, {}).setdefault(place, {})
            for column in COLUMNS:
                credentials = trial.credentials(column, needs)
                if kind == "Subscription":
                    outcomes = [await follow(trial.live, document, one) for one in credentials]
                else:
                    outcomes = [caller.ask(document, one)[0] for one in credentials]
                row[column] = one_of(outcomes, (kind, place, column))
    return observed


def try_fields(trial: Trial, caller: Caller) -> dict[str, dict[Scope, Outcome]]:
    """Try each field with all scopes but one, with single scopes, and with what must not be accepted."""
    observed: dict[str, dict[Scope, Outcome]] = {}
    for place in expect_fields():
        kind, _, field = place.partition(".")
        found = PLACE.fullmatch(field)
        assert found is not None
        document = document_of_field(kind, found[1], found[2])
        named = re.compile(rf"\b{re.escape(f'{kind}.{found[1]}' + (f'({found[2]})' if found[2] else ''))}(?![\w(])")
        row = observed.setdefault(place, {})
        for scope in Scope:
            _, message = caller.ask(document, trial.keys[ALL_SCOPES - {scope}])
            row[scope] = Outcome.FORBIDDEN if named.search(message) else Outcome.ALLOWED
        for scope in Scope:
            _, message = caller.ask(document, trial.keys[frozenset({scope})])
            lacks = any(row[other] is Outcome.FORBIDDEN for other in Scope if other is not scope)
            assert bool(named.search(message)) == lacks, (place, scope, message)
        for credentials in trial.refused.values():
            assert caller.ask(document, credentials[0])[0] is Outcome.UNAUTHENTICATED, place
        assert caller.ask(document, trial.keys[ALL_SCOPES])[0] is Outcome.ALLOWED, place
    return observed


def try_routes(trial: Trial, caller: Caller) -> dict[str, dict[str, Outcome]]:
    """Try each route with the credentials of each column, by the header that it looks at."""
    observed: dict[str, dict[str, Outcome]] = {}
    for route, need in ROUTES.items():
        path = route.replace("{name}", "store" if need is RouteNeed.SIGNATURE else "track").replace("{key}", "any")
        path = path.replace("{id}", "req_unknown")
        is_get = need is RouteNeed.NOTHING or "{id}" in route or route in {"/v1/pixel/{name}", "/sa.gif"}
        method = "GET" if is_get else "POST"
        body = b'{"query": "{ __typename }"}' if need is RouteNeed.BY_FIELD else b"{}"
        if method == "GET" and need is RouteNeed.WRITE_KEY:
            path += "?data=eyJ0eXBlIjoidHJhY2sifQ=="
        row = observed.setdefault(route, {})
        for column in COLUMNS:
            outcomes: list[Outcome] = []
            for credential in trial.credentials(column, SCOPES_OF_ROUTES.get(need, frozenset({Scope.WRITE}))):
                headers = {"Content-Type": "application/json"}
                if credential:
                    headers["Authorization"] = f"Bearer {credential}"
                if credential and need is RouteNeed.WRITE_KEY:
                    headers["X-Write-Key"] = credential
                status, _ = caller.call(method, path, headers, body)
                assert status < 500, (route, column)
                outcomes.append({401: Outcome.UNAUTHENTICATED, 403: Outcome.FORBIDDEN}.get(status, Outcome.ALLOWED))
            row[column] = one_of(outcomes, (route, column))
    return observed


async def test_every_operation_with_every_credential(trial: Trial, caller: Caller) -> None:
    observed = await try_operations(trial, caller)
    assert observed == expect_operations()
    assert sum(map(len, observed.values())) > 60


def test_every_field_with_every_scope(trial: Trial, caller: Caller) -> None:
    observed = try_fields(trial, caller)
    assert observed == expect_fields()
    assert len(observed) > 400


def test_every_route_with_every_credential(trial: Trial, caller: Caller) -> None:
    assert try_routes(trial, caller) == expect_routes()


def test_a_token_has_the_scopes_of_its_claim(trial: Trial, caller: Caller) -> None:
    document = Document("{ rules { version } }", {})
    assert caller.ask(document, sign(claims(scope="identity-graph:read")))[0] is Outcome.ALLOWED
    outcome, message = caller.ask(document, sign(claims(scope="identity-graph:admin")))
    assert (outcome, "needs the scope `read`" in message) == (Outcome.FORBIDDEN, True)
    assert caller.ask(document, sign(claims(scope="openid")))[0] is Outcome.UNAUTHENTICATED
    headers = {"X-Write-Key": sign(claims(scope="identity-graph:write"))}
    assert caller.call("POST", "/v1/track", headers, b"{}")[0] == 401
