"""Consents as front-ends see them: recorded, derived, kept as proof, and enforced when segments are filled."""

import asyncio
import json
import re
from typing import Any

from typer.testing import CliRunner, Result

from identity_graph.cli.app import app
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from tests.asking import Ask
from tests.worlds.worlds import SECOND

SET = """mutation ($input: ConsentInput!) { setConsent(input: $input) {
  consent { purpose channel state at source version evidence identifier { key customer { id } } } } }"""
SEEN = """query ($value: String!) { lookup(value: $value) { customer { id
  consents { purpose channel state identifier { key } }
  consentDecisions { subject channel state at repeatedAt messageId identifier { key } }
  ads: mayUse(purpose: "ads") { allowed refusal reason }
  sms: mayUse(purpose: "marketing", channel: SMS) { allowed refusal }
  segments { name } } } }"""
SAVE = """mutation ($input: SegmentInput!) { saveSegment(input: $input) { segment { id purpose rule sentence } } }"""
DAY = "2026-01-0{}T00:00:00Z"


async def say(ask: Ask, by: str, state: str, **more: Any) -> Any:
    namespace, _, value = by.partition(":")
    given = {"purpose": "marketing", "source": "preference-centre", **more}
    said = {"by": {"namespace": namespace, "value": value}, "state": state, **given}
    return (await ask(SET, input=said))["setConsent"]["consent"]


async def see(ask: Ask, value: str) -> Any:
    ((found),) = (await ask(SEEN, value=value))["lookup"]
    return found["customer"]


def shown(customer: Any) -> set[tuple[str, str | None, str, str]]:
    return {(c["purpose"], c["channel"], c["state"], c["identifier"]["key"]) for c in customer["consents"]}


async def test_a_consent_is_recorded_with_its_evidence_also_of_somebody_new(ask: Ask) -> None:
    said = await say(
        ask, "email:Mei@Example.com", "GRANTED", channel="EMAIL", at=DAY.format(1), version="7", evidence="Yes."
    )
    assert said["identifier"].pop("customer")["id"].startswith("cus_")
    assert said == {
        "purpose": "marketing",
        "channel": "EMAIL",
        "state": "GRANTED",
        "at": "2026-01-01T00:00:00Z",
        "source": "preference-centre",
        "version": "7",
        "evidence": "Yes.",
        "identifier": {"key": "email:mei@example.com"},
    }
    again = await say(
        ask, "email:mei@example.com", "GRANTED", channel="EMAIL", at=DAY.format(1), version="7", evidence="Yes."
    )
    assert again["at"] == said["at"]
    customer = await see(ask, "mei@example.com")
    assert shown(customer) == {("marketing", "EMAIL", "GRANTED", "email:mei@example.com")}
    assert len(customer["consentDecisions"]) == 1


async def test_after_a_merge_the_customer_allows_what_all_its_identifiers_leave(ask: Ask, service: Service) -> None:
    await say(ask, "email:mei@example.com", "DENIED", at=DAY.format(1))
    await say(ask, "user_id:mei", "GRANTED", at=DAY.format(2))
    await say(ask, "phone:+8613800138000", "WITHDRAWN", at=DAY.format(3))
    assert shown(await see(ask, "mei")) == {("marketing", None, "GRANTED", "user_id:mei")}
    joined = {"type": "identify", "userId": "mei", "traits": {"email": "mei@example.com"}, "messageId": "1"}
    await collect(service, [joined], source="web", received_at=service.units.now())
    assert shown(await see(ask, "mei")) == {("marketing", None, "GRANTED", "user_id:mei")}
    joined = {"type": "identify", "userId": "mei", "traits": {"phone": "13800138000"}, "messageId": "2"}
    await collect(service, [joined], source="web", received_at=service.units.now())
    customer = await see(ask, "mei")
    assert shown(customer) == {("marketing", None, "WITHDRAWN", "phone:+8613800138000")}
    assert [one["state"] for one in customer["consentDecisions"]] == ["WITHDRAWN", "GRANTED", "DENIED"]


async def test_what_cannot_be_recorded_is_refused_and_says_why(ask: Ask) -> None:
    async def refused(**given: Any) -> str:
        said = {"by": {"namespace": "user_id", "value": "mei"}, "purpose": "ads", "state": "GRANTED", "source": "s"}
        (error,) = await ask(SET, fails=True, input={**said, **given})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        return error["message"]

    assert "declares no purpose 'adds'; did you mean 'ads'?" in await refused(purpose="adds")
    assert "nobody is contacted through SMS for 'ads'; channels are none" in await refused(channel="SMS")
    assert "lies in the future" in await refused(at="2999-01-01T00:00:00Z")
    assert "before 1900" in await refused(at="1899-01-01T00:00:00Z")
    assert "is no identifier: the value of 'colour' is undeclared" in await refused(
        by={"namespace": "colour", "value": "red"}
    )
    assert "`source` has 1 to 255 characters, not 0." in await refused(source="")


async def test_what_sdks_and_browsers_send_is_read(ask: Ask, service: Service) -> None:
    stamped = {
        "type": "track", "event": "Seen", "anonymousId": "c1", "userId": "mei", "messageId": "1",
        "context": {"consent": {"categoryPreferences": {"Advertising": True, "Marketing": True}}},
    }  # fmt: skip
    decided = {
        **stamped, "event": "Segment Consent Preference Updated", "messageId": "2",
        "context": {"consent": {"categoryPreferences": {"Marketing": False}}},
    }  # fmt: skip
    now = service.units.now()
    await collect(service, [stamped], source="web", received_at=now)
    await collect(service, [decided], source="web", received_at=now + SECOND)
    customer = await see(ask, "mei")
    assert shown(customer) == {
        ("ads", None, "GRANTED", "anonymous_id:c1"),
        ("marketing", None, "DENIED", "user_id:mei"),
    }
    assert customer["ads"] == {"allowed": True, "refusal": None, "reason": None}
    opted_out = {**stamped, "messageId": "3", "secGpc": True, "context": {}}
    await collect(service, [opted_out], source="web", received_at=now + 2 * SECOND)
    customer = await see(ask, "mei")
    assert ("ads", None, "DENIED", "anonymous_id:c1") in shown(customer)
    assert customer["ads"]["refusal"] == "DENIED"
    assert customer["ads"]["reason"] == "the customer denied the purpose"
    assert customer["sms"] == {"allowed": False, "refusal": "DENIED"}


async def test_a_segment_with_a_purpose_has_those_who_permit_it(ask: Ask, service: Service) -> None:
    given = {"name": "Offers", "rule": {"hasIdentifier": "user_id"}, "purpose": "marketing"}
    (error,) = await ask(SAVE, fails=True, input={**given, "purpose": "marketting"})
    assert "purpose: the catalogue declares no purpose 'marketting'; did you mean 'marketing'?" in error["message"]
    segment = (await ask(SAVE, input=given))["saveSegment"]["segment"]
    assert (segment["rule"], segment["purpose"]) == ({"hasIdentifier": "user_id"}, "marketing")
    assert segment["sentence"].endswith("and their data may be used for “marketing”.")
    await say(ask, "user_id:mei", "GRANTED")
    await say(ask, "user_id:bo", "DENIED")
    await service.evaluator.catch_up()
    assert [s["name"] for s in (await see(ask, "mei"))["segments"]] == ["Offers"]
    assert (await see(ask, "bo"))["segments"] == []
    await say(ask, "user_id:mei", "WITHDRAWN")
    await say(ask, "user_id:bo", "GRANTED")
    await service.evaluator.catch_up()
    assert (await see(ask, "mei"))["segments"] == []
    assert [s["name"] for s in (await see(ask, "bo"))["segments"]] == ["Offers"]


async def test_the_terminal_records_and_explains(ask: Ask, run: CliRunner) -> None:
    async def invoke(*words: str) -> Result:
        return await asyncio.to_thread(run.invoke, app, ["consent", *words])

    done = await invoke("set", "user_id:mei", "marketing", "granted", "--version", "2", "--evidence", "on the phone")
    assert (done.exit_code, done.output) == (0, "user_id:mei: marketing GRANTED.\n")
    await say(ask, "anonymous_id:c1", "DENIED", at=DAY.format(1))
    await ask(
        'mutation { observe(input: {source: "s", messageId: "1", identifiers: [{namespace: "user_id", value: "mei"},'
        ' {namespace: "anonymous_id", value: "c1"}]}) { duplicate } }'
    )
    shown = (await invoke("list", "mei")).output
    assert re.search(r"marketing +granted +allowed", shown)
    assert re.search(r"ads +- +no: the customer did not allow the purpose", shown)
    told = json.loads((await invoke("list", "mei", "--format", "json")).output)
    assert {row["state"] for row in told[0]["consents"] if row["purpose"] == "marketing"} == {"GRANTED", None}
    why = (await invoke("why", "mei", "marketing")).output
    assert "marketing is allowed." in why
    assert re.search(r"counts +granted .* by user_id:mei, told by terminal as purpose:marketing", why)
    assert "overruled  denied 2026-01-01" in why
    assert "They said nothing to it" in (await invoke("why", "mei", "ads")).output
    for words, problem in (
        (("set", "mei", "marketing", "granted"), "names no namespace"),
        (("set", "user_id:mei", "adds", "granted"), "did you mean 'ads'?"),
        (("why", "mei", "adds"), "declares no purpose 'adds'"),
        (("list", "nobody@example.com"), "Nothing found for nobody@example.com."),
    ):
        failed = await invoke(*words)
        assert failed.exit_code == 1
        assert problem in f"{failed.output}{failed.exception}"
