"""What pages of other origins may do, and what browser SDKs ask before they send."""

import httpx
import pytest

from tests.live import WRITE_KEY, Live

ORIGIN = "https://shop.example"
PATHS = [
    "/v1/track", "/v1/t/", "/v1/batch", "/v1/m", "/beacon/v1/batch", "/api/s/page", "/api/s/s2s/page",
    "/v1/projects/k/settings", "/v1/projects/k/settings/", "/sourceConfig", "/sourceConfig/", "/v1/pixel/track",
]  # fmt: skip
SDK_HEADERS = {"authorization", "content-type", "anonymousid", "sentat", "x-write-key", "x-retry-count"}


@pytest.mark.parametrize("path", PATHS)
async def test_a_preflight_is_answered_without_credentials(path: str, stranger: httpx.AsyncClient) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "X-New, sentat",
    }

    answer = await stranger.options(path, headers=asked)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    assert int(answer.headers["access-control-max-age"]) >= 600
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = {name.strip() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert allowed == SDK_HEADERS | {"x-new"}


@pytest.mark.parametrize("key", [WRITE_KEY, "no-such-key"])
async def test_a_page_may_read_every_answer_good_or_bad(key: str, stranger: httpx.AsyncClient) -> None:
    for body in (b'{"userId":"u1"}', b"{"):
        answer = await stranger.post("/v1/track", content=body, headers={"Origin": ORIGIN, "X-Write-Key": key})
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert answer.headers["vary"] == "Origin"


async def test_without_an_origin_nothing_is_said_about_origins(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/track", json={"userId": "u1"})

    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("slash", ["", "/"])
async def test_segment_is_sent_back_here_whatever_its_key(slash: str, stranger: httpx.AsyncClient, live: Live) -> None:
    answer = await stranger.get(f"/v1/projects/any-key/settings{slash}")

    assert answer.status_code == 200
    assert answer.json() == {
        "integrations": {"Segment.io": {"apiKey": "any-key", "apiHost": f"{live.host}/v1", "protocol": "http"}},
        "plan": {},
    }


@pytest.mark.parametrize("path", ["/sourceConfig", "/sourceConfig/"])
async def test_rudder_is_told_that_its_source_is_on(path: str, stranger: httpx.AsyncClient) -> None:
    by_query = await stranger.get(path, params={"writeKey": "k1", "p": "npm", "v": "3.0.0"})
    by_header = await stranger.get(path, auth=("k1", ""))

    assert by_query.status_code == 200
    assert by_query.json() == by_header.json()
    source = by_query.json()["source"]
    assert {
        "id",
        "name",
        "writeKey",
        "enabled",
        "workspaceId",
        "config",
        "destinations",
        "dataplanes",
        "updatedAt",
    } == set(source)
    assert (source["writeKey"], source["enabled"], source["destinations"]) == ("k1", True, [])
    assert source["config"]["statsCollection"] == {"errors": {"enabled": False}, "metrics": {"enabled": False}}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/track"),
        ("PUT", "/v1/batch"),
        ("DELETE", "/v1/t/"),
        ("PATCH", "/api/s/page"),
        ("POST", "/sourceConfig/"),
    ],
)
async def test_a_wrong_method_is_405_and_names_the_right_ones(
    method: str, path: str, client: httpx.AsyncClient
) -> None:
    answer = await client.request(method, path)

    assert answer.status_code == 405
    assert answer.json()["code"] == "METHOD_NOT_ALLOWED"
    assert answer.json()["success"] is False
    assert "OPTIONS" in answer.headers["allow"]


async def test_a_browser_that_opens_the_service_finds_graphiql(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/graphql")
    assert (await client.post("/", json={})).json()["success"] is False


@pytest.mark.parametrize("path", ["/v1", "/v1/order", "/v1/track/extra/more", "/nothing", "/other.gif", "/v1//"])
async def test_an_unknown_path_is_404_and_never_a_redirect(path: str, client: httpx.AsyncClient) -> None:
    for answer in (await client.post(path, json={}), await client.get(path)):
        assert answer.status_code in {404, 405}
        assert answer.json()["success"] is False
        assert answer.json()["message"]
