import base64
import json
import os
import time
from hashlib import sha1
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from api.collector.errors import ReplayedError
from api.collector.hooks.replays import SeenRequests
from identity_graph.store.driver.graph import Graph
from tests.api.stored import event_names, letter_codes, sources
from tests.live import AES_KEY, APP_ID, CORP_ID, TOKEN

PLAIN, SAFE, WECOM = "/hooks/wechat/store", "/hooks/wechat/safe", "/hooks/wecom/company"
RECEIVERS = {SAFE: APP_ID, WECOM: CORP_ID}


def sign(*parts: str) -> str:
    return sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def seal(content: bytes, receiver: str, key: str = AES_KEY) -> str:
    """Seal a message as WeChat's manual says."""
    plain = os.urandom(16) + len(content).to_bytes(4, "big") + content + receiver.encode()
    pad = 32 - len(plain) % 32
    secret = base64.b64decode(key + "=")
    encryptor = Cipher(AES(secret), CBC(secret[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def query(nonce: str = "", at: float | None = None, sealed: str = "", **more: str) -> str:
    timestamp, nonce = str(int(time.time() if at is None else at)), nonce or os.urandom(4).hex()
    signed = {"signature": sign(timestamp, nonce)} | (
        {"msg_signature": sign(timestamp, nonce, sealed)} if sealed else {}
    )
    return urlencode({"timestamp": timestamp, "nonce": nonce, **signed, **more})


def xml(**fields: Any) -> bytes:
    inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inside}</xml>".encode()


def push(**fields: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": now, "MsgType": "event", **fields}


async def post(client: httpx.AsyncClient, path: str, content: bytes, **how: Any) -> httpx.Response:
    """Push as WeChat does: sealed where the account has a key."""
    if path == PLAIN:
        return await client.post(f"{path}?{query(**how)}", content=content)
    sealed = seal(content, RECEIVERS[path])
    body = xml(ToUserName="x", Encrypt=sealed, AgentID="")
    return await client.post(f"{path}?{query(sealed=sealed, encrypt_type='aes', **how)}", content=body)


async def keys(graph: Graph) -> set[str]:
    rows = await graph.run("MATCH (i:Identifier) WHERE i.key >= '' RETURN i.key AS key")
    return {row["key"] for row in rows}


@pytest.mark.parametrize("path", [PLAIN, SAFE])
async def test_what_wechat_pushes_is_stored(path: str, stranger: httpx.AsyncClient, graph: Graph) -> None:
    for content in (
        xml(**push(Event="subscribe", EventKey="qrscene_17")),
        json.dumps(push(Event="CLICK", EventKey="menu-1")).encode(),
        xml(**push(MsgType="text", MsgId="5", Content="你好")),
    ):
        answer = await post(stranger, path, content)
        assert (answer.status_code, answer.text) == (200, "success")
        assert answer.headers["content-type"].startswith("text/plain")

    assert await event_names(graph) == ["Account Followed", "Menu Clicked", "Message Received"]
    assert await keys(graph) == {f"openid:{APP_ID}/o1"}
    assert await sources(graph) == {path.rpartition("/")[2]}


async def test_what_wecom_pushes_is_stored(stranger: httpx.AsyncClient, graph: Graph) -> None:
    added = push(
        FromUserName="sys", Event="change_external_contact", ChangeType="add_external_contact", UserID="zhao",
        ExternalUserID="wm1", State="shop-17",
    )  # fmt: skip
    assert (await post(stranger, WECOM, xml(**added))).status_code == 200
    assert (await post(stranger, WECOM, xml(**push(Event="enter_agent")))).status_code == 200

    assert (await event_names(graph), await letter_codes(graph)) == (["External Contact Added"], ["no_identifier"])
    assert await keys(graph) == {"wecom_id:wm1"}


async def test_the_address_is_confirmed_to_who_can_sign(stranger: httpx.AsyncClient) -> None:
    for path in (PLAIN, SAFE):
        answer = await stranger.get(f"{path}?{query(echostr='hello')}")
        assert (answer.status_code, answer.text) == (200, "hello")
    sealed = seal(b"hello", CORP_ID)
    answer = await stranger.get(f"{WECOM}?{query(sealed=sealed, echostr=sealed)}")
    assert (answer.status_code, answer.text) == (200, "hello")


@pytest.mark.parametrize("path", [PLAIN, SAFE, WECOM])
async def test_what_is_not_signed_is_refused(path: str, stranger: httpx.AsyncClient, graph: Graph) -> None:
    content = xml(**push(Event="subscribe"))
    sealed = seal(content, RECEIVERS.get(path, APP_ID))
    body = content if path == PLAIN else xml(Encrypt=sealed)
    for asked in (
        "",
        "signature=x&msg_signature=x&timestamp=1&nonce=2",
        query(sealed=sealed).replace("timestamp=", "timestamp=0"),
    ):
        for answer in (
            await stranger.post(f"{path}?{asked}", content=body),
            await stranger.get(f"{path}?{asked}&echostr=hello"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "WRONG_SIGNATURE")
    assert await event_names(graph) == []


@pytest.mark.parametrize("path", [SAFE, WECOM])
async def test_what_is_not_sealed_with_the_key_for_the_account_is_refused(
    path: str, stranger: httpx.AsyncClient, graph: Graph
) -> None:
    content = xml(**push(Event="subscribe"))
    for sealed in (
        seal(content, "somebody"), seal(content, RECEIVERS[path], "A" * 43), "%%%", "aGVsbG8=", "", "A" * 64,
    ):  # fmt: skip
        answer = await stranger.post(f"{path}?{query(sealed=sealed)}", content=xml(Encrypt=sealed))
        assert (answer.status_code, answer.json()["code"]) == (403, "WRONG_SIGNATURE")
    answer = await stranger.post(f"{path}?{query()}", content=content)
    assert (answer.status_code, answer.json()["code"]) == (403, "WRONG_SIGNATURE")
    assert await event_names(graph) == []


async def test_a_push_that_comes_again_counts_once_and_another_under_its_nonce_is_refused(
    stranger: httpx.AsyncClient, graph: Graph
) -> None:
    asked = query()
    first, other = xml(**push(Event="CLICK", EventKey="1")), xml(**push(Event="CLICK", EventKey="2"))
    for _ in range(2):
        assert (await stranger.post(f"{PLAIN}?{asked}", content=first)).status_code == 200
    answer = await stranger.post(f"{PLAIN}?{asked}", content=other)
    assert (answer.status_code, answer.json()["code"]) == (403, "REPLAYED")
    assert (await stranger.post(f"{PLAIN}?{query()}", content=first)).status_code == 200

    assert await event_names(graph) == ["Menu Clicked"]


@pytest.mark.parametrize("path", [PLAIN, SAFE, WECOM])
@pytest.mark.parametrize("late", [-700, 700])
async def test_a_push_of_another_time_is_refused(
    path: str, late: int, stranger: httpx.AsyncClient, graph: Graph
) -> None:
    answer = await post(stranger, path, xml(**push(Event="subscribe")), at=time.time() + late)
    assert (answer.status_code, answer.json()["code"]) == (403, "REPLAYED")
    assert await event_names(graph) == []


async def test_an_account_that_nobody_named_is_not_there(stranger: httpx.AsyncClient) -> None:
    for path in ("/hooks/wechat/other", "/hooks/wecom/other"):
        answer = await stranger.post(f"{path}?{query()}", content=b"<xml/>")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<xml>", b"[1]", b"nothing", b"<a>" * 30 + b"<b>c</b>" + b"</a>" * 30,
        b'<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    ],
)  # fmt: skip
async def test_what_cannot_be_parsed_is_refused(body: bytes, stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post(f"{PLAIN}?{query()}", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_BODY")


async def test_elements_inside_elements_and_several_of_one_name_are_kept(
    stranger: httpx.AsyncClient, graph: Graph
) -> None:
    inside = b"<Info><Code>1</Code><Code>2</Code><Code>3</Code></Info></xml>"
    content = xml(**push(Event="scancode_push")).replace(b"</xml>", inside)
    assert (await post(stranger, PLAIN, content)).status_code == 200
    rows = await graph.run("MATCH (e:Event) WHERE e.id >= '' RETURN e.properties AS properties")
    assert json.loads(rows[0]["properties"])["Info"] == {"Code": ["1", "2", "3"]}


def test_requests_are_remembered_for_a_while_and_not_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.collector.hooks.replays._MOST", 3)
    seen = SeenRequests()
    for number in range(5):
        seen.remember((PLAIN, "1000", str(number)), b"one", 1000)
    seen.check((PLAIN, "1000", "1"), b"two", 1000)
    for body, refused in ((b"one", False), (b"two", True)):
        if refused:
            with pytest.raises(ReplayedError):
                seen.check((PLAIN, "1000", "4"), body, 1000)
        else:
            seen.check((PLAIN, "1000", "4"), body, 1000)
    seen.remember((PLAIN, "9000", "9"), b"one", 9000)
    assert len(seen._seen) == 1
