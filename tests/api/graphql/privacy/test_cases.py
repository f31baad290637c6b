"""Privacy requests as privacy officers see them: opened, checked, approved, done, each with what follows from it."""

from typing import Any

from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.privacy.running import resume_requests
from tests.asking import Ask

ANN = {"namespace": "user_id", "value": "ann-4711"}
CASE = """id kind state region openedAt dueAt requester identifier approvedBy fault duplicateOf { id }
  steps { name state count by } receipt { id identifiers events }"""
OPEN = f"mutation ($input: PrivacyRequestInput!) {{ openPrivacyRequest(input: $input) {{ request {{ {CASE} }} }} }}"
ADVANCE = f"""mutation ($id: ID!, $to: PrivacyRequestState!, $reason: String! = "as asked") {{
  advancePrivacyRequest(id: $id, to: $to, reason: $reason) {{ request {{ {CASE} }} }} }}"""
LIST = f"query ($state: PrivacyRequestState) {{ privacyRequests(state: $state) {{ totalCount edges {{ node {{ {CASE} }} }} }} }}"
SEEN = """query ($value: String!) { lookup(value: $value) { customer { id traits { name value }
  mayUse(purpose: "marketing", channel: EMAIL) { allowed refusal } service: mayUse(purpose: "service") { refusal } } } }"""
SENT: list[dict[str, Any]] = [
    {
        "type": "identify", "anonymousId": "cookie-of-ann", "userId": "ann-4711", "messageId": "1",
        "timestamp": "2026-01-01T10:01:00Z", "traits": {"email": "ann@example.com", "firstName": "Anne", "country": "US"},
    },
]  # fmt: skip


async def opened(ask: Ask, kind: str, **more: Any) -> dict[str, Any]:
    wanted = {"by": ANN, "kind": kind, "requester": "herself, by phone", **more}
    return (await ask(OPEN, input=wanted))["openPrivacyRequest"]["request"]


async def advanced(ask: Ask, id: str, *states: str) -> dict[str, Any]:
    request: dict[str, Any] = {}
    for state in states:
        request = (await ask(ADVANCE, id=id, to=state))["advancePrivacyRequest"]["request"]
    return request


async def done(ask: Ask, kind: str, **more: Any) -> dict[str, Any]:
    request = await opened(ask, kind, **more)
    return await advanced(ask, request["id"], "VERIFIED", "APPROVED", "RUNNING")


async def tell(service: Service) -> None:
    await collect(service, SENT, source="web", received_at=service.units.now())


async def test_an_erasure_goes_through_its_steps_and_keeps_nothing_of_the_person(ask: Ask, service: Service) -> None:
    await tell(service)
    request = await opened(ask, "ERASURE", region="us-ca", receivedAt="2026-01-02T00:00:00Z")
    assert (request["state"], request["region"], request["dueAt"]) == ("OPEN", "US-CA", "2026-02-16T00:00:00Z")
    assert request["identifier"] == "user_id:ann-4711"
    repeated = await opened(ask, "ERASURE", by={"namespace": "email", "value": "Ann@Example.com"})
    assert repeated["duplicateOf"] == {"id": request["id"]}
    (error,) = await ask(ADVANCE, fails=True, id=repeated["id"], to="VERIFIED")
    assert (error["extensions"]["code"], error["extensions"]["fault"]) == ("PRIVACY_REQUEST", "DUPLICATE")
    (error,) = await ask(ADVANCE, fails=True, id=request["id"], to="RUNNING")
    assert error["extensions"]["fault"] == "NOT_NEXT"
    after = await advanced(ask, request["id"], "VERIFIED", "APPROVED", "RUNNING")
    assert (after["state"], after["requester"], after["identifier"]) == ("DONE", "", None)
    assert [(step["name"], step["state"]) for step in after["steps"]] == [
        (name, "DONE") for name in ("VERIFY", "APPROVE", "OUTBOX", "SPOOL", "GRAPH")
    ]
    assert after["receipt"]["events"] == 1
    assert (await ask(SEEN, value="ann-4711"))["lookup"] == []
    listed = (await ask(LIST))["privacyRequests"]
    assert listed["totalCount"] == 2
    assert {node["node"]["identifier"] for node in listed["edges"]} == {None}
    assert [edge["node"]["id"] for edge in (await ask(LIST, state="DONE"))["privacyRequests"]["edges"]] == [
        request["id"]
    ]


async def test_bars_keep_data_from_being_used_and_corrections_take_effect(ask: Ask, service: Service) -> None:
    await tell(service)
    (seen,) = (await ask(SEEN, value="ann@example.com"))["lookup"]
    assert seen["customer"]["mayUse"]["allowed"]
    for kind, refusal in (("NOT_PERSONALISED", None), ("DECEASED", "DECEASED")):
        assert (await done(ask, kind))["state"] == "DONE"
        (seen,) = (await ask(SEEN, value="ann@example.com"))["lookup"]
        assert seen["customer"]["mayUse"]["refusal"] == (refusal or "NOT_PERSONALISED")
        assert seen["customer"]["service"]["refusal"] == refusal
    assert (await done(ask, "RECTIFICATION", corrections={"firstName": "Ann"}))["state"] == "DONE"
    (seen,) = (await ask(SEEN, value="ann-4711"))["lookup"]
    assert {"name": "firstName", "value": "Ann"} in seen["customer"]["traits"]


async def test_a_request_that_was_interrupted_goes_on_and_what_cannot_be_says_why(ask: Ask, service: Service) -> None:
    await tell(service)
    request = await opened(ask, "RESTRICTION")
    await advanced(ask, request["id"], "VERIFIED", "APPROVED")
    await service.graph.run("MATCH (r:PrivacyRequest {id: $id}) SET r.state = 'RUNNING'", id=request["id"])
    assert await resume_requests(service) == 1
    (after,) = [edge["node"] for edge in (await ask(LIST))["privacyRequests"]["edges"]]
    assert after["state"] == "DONE"
    export = await opened(ask, "ACCESS")
    await done(ask, "ERASURE")
    failed = await advanced(ask, export["id"], "VERIFIED", "APPROVED", "RUNNING")
    assert (failed["state"], failed["fault"]) == ("FAILED", "NOT_FOUND")
    assert (await advanced(ask, export["id"], "DENIED"))["state"] == "DENIED"

    for wrong in ({"requester": " "}, {"kind": "RECTIFICATION"}, {"receivedAt": "2999-01-01T00:00:00Z"}):
        (error,) = await ask(OPEN, fails=True, input={"by": ANN, "kind": "ACCESS", "requester": "she", **wrong})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    (error,) = await ask(OPEN, fails=True, input={"by": ANN, "kind": "ACCESS", "requester": "she"})
    assert error["extensions"]["code"] == "NOT_FOUND"
