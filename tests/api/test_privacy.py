"""``/privacy/requests`` as privacy tools see it, and the personal data that people get."""

from typing import Any

import httpx
import jsonschema_rs

from identity_graph.domain.privacy.personal_data import read_schema
from tests.live import Live

ADVANCE = """mutation ($id: ID!, $to: PrivacyRequestState!) {
  advancePrivacyRequest(id: $id, to: $to, reason: "as asked") { request { state } } }"""
SENT: dict[str, Any] = {
    "regulation": "gdpr",
    "subject_request_id": "a7551968",
    "subject_request_type": "access",
    "submitted_time": "2026-01-31T12:00:00Z",
    "subject_identities": [{"identity_type": "user_id", "identity_value": "ann-4711"}],
}
BATCH: list[dict[str, Any]] = [
    {
        "type": "identify", "userId": "ann-4711", "messageId": "1", "timestamp": "2026-01-01T10:01:00Z",
        "traits": {"email": "ann@example.com", "note": "<script>alert(1)</script>"},
        "context": {"consent": {"categoryPreferences": {"Marketing": True}}},
    },
    {
        "type": "track", "event": "Order Completed", "userId": "ann-4711", "messageId": "2",
        "timestamp": "2026-01-01T10:02:00Z", "properties": {"order_id": "o-1", "total": 99.5, "currency": "EUR"},
    },
]  # fmt: skip


async def test_a_privacy_tool_opens_a_request_asks_how_far_it_is_and_gets_the_data(
    live: Live, client: httpx.AsyncClient
) -> None:
    admin = {"Authorization": f"Bearer {live.admin_key}"}
    assert (await client.post("/v1/batch", json={"batch": BATCH})).status_code == 200
    refused = await client.post("/privacy/requests", json=SENT)
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")
    with_write_key = {"Authorization": f"Bearer {live.write_key}"}
    refused = await client.post("/privacy/requests", json=SENT, headers=with_write_key)
    assert refused.status_code in (401, 403)
    wrong = await client.post("/privacy/requests", json={**SENT, "regulation": "?"}, headers=admin)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "BAD_USER_INPUT")
    opened = await client.post("/privacy/requests", json=SENT, headers=admin)
    assert opened.status_code == 201
    said = opened.json()
    assert (said["request_status"], said["expected_completion_time"]) == ("pending", "2026-02-28T12:00:00Z")
    again = await client.post("/privacy/requests", json=SENT, headers=admin)
    assert again.json() == said
    data_path = f"/privacy/requests/{said['request_id']}/data"
    early = await client.get(data_path, headers=admin)
    assert (early.status_code, early.json()["code"]) == (409, "PRIVACY_REQUEST")
    for to in ("VERIFIED", "APPROVED", "RUNNING"):
        body = {"query": ADVANCE, "variables": {"id": said["request_id"], "to": to}}
        assert "errors" not in (await client.post("/graphql", json=body, headers=admin)).json()
    said = (await client.get("/privacy/requests/a7551968", headers=admin)).json()
    assert (said["request_status"], said["results_url"]) == ("completed", data_path)
    data = (await client.get(data_path, headers=admin)).json()
    jsonschema_rs.validator_for(read_schema()).validate(data)
    assert {"user_id", "email"} <= {one["namespace"] for one in data["identifiers"]}
    assert [order["order_id"] for order in data["orders"]] == ["o-1"]
    assert [one["subject"] for one in data["consents"]] == ["category:Marketing"]
    assert {event["name"] for event in data["events"]} >= {"Order Completed"}
    page = await client.get(data_path, params={"format": "html"}, headers=admin)
    assert page.headers["content-disposition"].startswith("attachment")
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert (await client.get("/privacy/requests/unknown", headers=admin)).status_code == 404
