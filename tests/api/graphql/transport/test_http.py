"""GraphQL over HTTP: what the specification says a server must and should do."""

from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest

NEW, LEGACY = "application/graphql-response+json", "application/json"
BOTH = pytest.mark.parametrize("accept", [NEW, LEGACY])


async def _post(client: httpx.AsyncClient, body: Any, accept: str = NEW, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = {"Accept": accept, "Content-Type": "application/json", **headers}
    return await client.post("/graphql", content=content, headers=sent)


def _codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@BOTH
async def test_a_valid_request_is_200_in_the_media_type_that_was_asked_for(
    client: httpx.AsyncClient, accept: str
) -> None:
    response = await _post(client, {"query": "{ __typename }"}, accept)
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", NEW),
        ("application/*", NEW),
        ("", NEW),
        (f"{NEW}; charset=utf-8, {LEGACY}; charset=utf-8", NEW),
        (f"{LEGACY}, {NEW}", LEGACY),
        (f"{NEW};q=0.5, {LEGACY};q=0.9", LEGACY),
        ("application/json, text/plain, */*", LEGACY),
        (f"text/html;q=0.9, {NEW};q=0.1", NEW),
        (f"{NEW};q=0, */*", LEGACY),
        ("APPLICATION/JSON", LEGACY),
    ],
)
async def test_the_accept_header_is_respected(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    response = await _post(client, {"query": "{ __typename }"}, accept)
    assert (response.status_code, response.headers["content-type"]) == (200, f"{media_type}; charset=utf-8")


@pytest.mark.parametrize("accept", ["text/plain", "application/xml, image/*", f"{NEW};q=0", "text/html", f"{NEW};q=x"])
async def test_an_accept_header_without_a_supported_type_is_406(client: httpx.AsyncClient, accept: str) -> None:
    response = await _post(client, {"query": "{ __typename }"}, accept)
    assert (response.status_code, _codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...Unknown }", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{ customer(id: "cus_1") { journey(from: "yesterday") { totalCount } } }', None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", None, "BAD_USER_INPUT"),
        ("query($value: String!) { lookup(value: $value) { __typename } }", {}, "BAD_USER_INPUT"),
        ("query($value: String!) { lookup(value: $value) { __typename } }", {"value": 7}, "BAD_USER_INPUT"),
        ("subscription { __typename }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { changes { id } }", None, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_executed_is_400_without_data_and_200_for_legacy_clients(
    client: httpx.AsyncClient, query: str, variables: Any, code: str
) -> None:
    body = {"query": query, "variables": variables}
    for accept, status in ((NEW, 400), (LEGACY, 200)):
        response = await _post(client, body, accept)
        assert (response.status_code, set(response.json()), _codes(response)) == (status, {"errors"}, [code])


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"NONSENSE",
        b'{"query":',
        b"",
        b"\xff\xfe",
        b'{"query": "\\ud800"}',
        {"qeury": "{ __typename }"},
        {"query": 7},
        {"query": ""},
        {"query": "{ __typename }", "variables": [7]},
        {"query": "{ __typename }", "variables": "{}"},
        {"query": "{ __typename }", "extensions": 7},
        {"query": "{ __typename }", "operationName": 7},
        [{"query": "{ __typename }"}],
        None,
    ],
)
async def test_what_is_no_graphql_request_is_400(client: httpx.AsyncClient, accept: str, body: Any) -> None:
    response = await _post(client, body, accept)
    assert (response.status_code, _codes(response)) == (400, ["BAD_REQUEST"])
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"


@BOTH
async def test_null_parameters_are_as_good_as_none(client: httpx.AsyncClient, accept: str) -> None:
    body = {"query": "{ __typename }", "variables": None, "operationName": None, "extensions": None}
    assert (await _post(client, body, accept)).status_code == 200


@BOTH
async def test_errors_of_fields_are_200_with_partial_data(client: httpx.AsyncClient, accept: str) -> None:
    response = await _post(client, {"query": '{ node(id: "x") { id } customer { id } }'}, accept)
    assert (response.status_code, response.json()["data"]) == (200, {"node": None, "customer": None})
    assert _codes(response) == ["BAD_USER_INPUT"]


@BOTH
async def test_an_error_that_leaves_no_data_is_still_an_executed_request(
    client: httpx.AsyncClient, accept: str
) -> None:
    response = await _post(client, {"query": "{ customers(first: 101) { totalCount } }"}, accept)
    assert (response.status_code, response.json()["data"]) == (200, None)


async def test_the_named_operation_is_executed(client: httpx.AsyncClient) -> None:
    query = 'query A { a: __typename } query B { b: node(id: "x") { id } }'
    response = await _post(client, {"query": query, "operationName": "B"})
    assert response.json() == {"data": {"b": None}}
    response = await _post(client, {"query": query, "operationName": "C"})
    assert (response.status_code, _codes(response)) == (400, ["BAD_USER_INPUT"])


async def test_get_takes_its_parameters_from_the_address(client: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A($id: ID!) { node(id: $id) { id } } query B { __typename }",
        "variables": '{"id": "x"}',
        "operationName": "A",
        "extensions": "",
    }
    response = await client.get(f"/graphql?{urlencode(parameters)}")
    assert (response.status_code, response.json()) == (200, {"data": {"node": None}})
    response = await client.get("/graphql", params={"query": "{ __typename }", "operationName": ""})
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "parameters", [{}, {"query": "{ __typename }", "variables": "[7]"}, {"query": "{ a }", "variables": "{"}]
)
async def test_get_without_well_formed_parameters_is_400(client: httpx.AsyncClient, parameters: dict[str, str]) -> None:
    response = await client.get("/graphql", params=parameters)
    assert (response.status_code, _codes(response)) == (400, ["BAD_REQUEST"])


async def test_get_never_executes_a_mutation(client: httpx.AsyncClient) -> None:
    mutation = "mutation M { retryDeadLetters { retried } } query Q { __typename }"
    response = await client.get("/graphql", params={"query": mutation, "operationName": "M"})
    assert (response.status_code, response.headers["allow"], _codes(response)) == (405, "POST", ["METHOD_NOT_ALLOWED"])
    response = await client.get("/graphql", params={"query": mutation, "operationName": "Q"})
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_405(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON; Charset="UTF-8"', 200),
        ("application/json; charset=utf-16", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/graphql", 415),
        ("", 415),
    ],
)
async def test_a_body_is_json_in_utf_8_or_415(client: httpx.AsyncClient, content_type: str, status: int) -> None:
    response = await _post(client, {"query": "{ __typename }"}, **{"Content-Type": content_type})
    assert response.status_code == status


async def test_a_body_of_more_than_a_megabyte_is_413(client: httpx.AsyncClient) -> None:
    response = await _post(client, {"query": "{ __typename }", "variables": {"x": "y" * 1_000_000}})
    assert (response.status_code, _codes(response)) == (413, ["REQUEST_TOO_LARGE"])


@BOTH
@pytest.mark.parametrize(
    "authorization", [None, "Bearer wrong", "Bearer", "Basic dGhlLWFkbWluLWtleTo=", "the-admin-key"]
)
async def test_without_the_admin_key_nothing_is_answered(
    client: httpx.AsyncClient, accept: str, authorization: str | None
) -> None:
    del client.headers["Authorization"]
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await _post(client, {"query": "{ __typename }"}, accept, **headers)
    assert (response.status_code, _codes(response)) == (401, ["UNAUTHENTICATED"])
    assert response.headers["www-authenticate"] == 'Bearer realm="graphql"'
    assert set(response.json()) == {"errors"}


@pytest.mark.parametrize(
    "query",
    [
        "{ customers { edges { node " + "{ identifiers { customer " * 12 + "{ id }" + " } }" * 12 + " } } }",
        "{ " + " ".join(f"a{n}: __typename" for n in range(1001)) + " }",
        "{ " + " ".join(f"a{n}: __typename" for n in range(6000)) + " }",
        "query { ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
        + " fragment F40 on Query { __typename }",
        "{ a" * 2400 + " }" * 2400,
    ],
    ids=["deep", "wide", "long", "doubling fragments", "nested"],
)
async def test_documents_that_ask_for_too_much_are_refused_at_once(client: httpx.AsyncClient, query: str) -> None:
    response = await _post(client, {"query": query})
    assert (response.status_code, set(_codes(response))) == (400, {"QUERY_TOO_LARGE"})


async def test_unforeseen_errors_are_masked_and_logged_without_what_people_sent(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def explode(*_: object) -> None:
        raise RuntimeError("anna@b.cn")

    monkeypatch.setattr("api.graphql.queries.read_rules", explode)
    response = await _post(client, {"query": "{ rules { version } }"})
    (error,) = response.json()["errors"]
    logged = capsys.readouterr()
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert error["extensions"]["requestId"] in logged.out + logged.err
    assert "anna@b.cn" not in response.text + logged.out + logged.err


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"])
async def test_a_browser_is_shown_graphiql_without_a_key_and_from_this_host_alone(
    client: httpx.AsyncClient, accept: str
) -> None:
    del client.headers["Authorization"]
    page = await client.get("/graphql", headers={"Accept": accept})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "://" not in page.text
    names = [part.split('"')[0] for part in page.text.split("graphql/assets/")[1:]]
    assert len(names) == 5
    for name in names:
        asset = await client.get(f"/graphql/assets/{name}")
        plain = await client.get(f"/graphql/assets/{name}", headers={"Accept-Encoding": "identity"})
        assert asset.status_code == plain.status_code == 200
        assert asset.text == plain.text
    assert (await client.get("/graphql/assets/graphiql.html")).status_code == 404
    assert (await client.get("/graphql/assets/..%2Fschema.py")).status_code == 404
