"""Where WeChat and WeCom push to: ``/hooks/wechat/NAME`` and ``/hooks/wecom/NAME``; the name is the source of the events."""

import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.collector.answers import routes_of, service_of, store
from api.collector.body import read_body
from api.collector.errors import WrongSignatureError
from api.collector.hooks.content import read_content
from api.collector.hooks.replays import SeenRequests
from api.collector.hooks.sealing import check_signature, unseal
from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class _Account:
    """An account: who pushes, and how it signs. Without ``aes_key`` its messages are not sealed."""

    name: str
    protocol: Protocol
    receiver: str
    token: str
    aes_key: str


def hook_routes() -> list[Route]:
    """List the routes."""
    return [
        *routes_of("/hooks/wechat/{name}", receive_wechat, "GET", "POST"),
        *routes_of("/hooks/wecom/{name}", receive_wecom, "GET", "POST"),
    ]


async def receive_wechat(request: Request) -> Response:
    """Take what WeChat pushes to an official account, or answer its question whether this is the right address.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    name: str = request.path_params["name"]
    found = service_of(request).settings.wechat_accounts.get(name)
    if found is None:
        raise _no_account(name, "WECHAT_ACCOUNTS")
    key = "" if found.aes_key is None else found.aes_key.get_secret_value()
    account = _Account(name, Protocol.WECHAT, found.app_id, found.token.get_secret_value(), key)
    if request.method == "GET":
        _check(request, "signature", account)
        return PlainTextResponse(request.query_params.get("echostr", ""))
    return await _receive(request, account)


async def receive_wecom(request: Request) -> Response:
    """Take what WeCom pushes to a company, or answer its question whether this is the right address.

    Raises:
        IdentityGraphError: see ``api.errors`` for what each becomes.
    """
    name: str = request.path_params["name"]
    found = service_of(request).settings.wecom_accounts.get(name)
    if found is None:
        raise _no_account(name, "WECOM_ACCOUNTS")
    account = _Account(
        name, Protocol.WECOM, found.corp_id, found.token.get_secret_value(), found.aes_key.get_secret_value()
    )
    if request.method == "GET":
        sealed = request.query_params.get("echostr", "")
        _check(request, "msg_signature", account, sealed)
        return PlainTextResponse(unseal(sealed, account.aes_key, account.receiver).decode("utf-8", "replace"))
    return await _receive(request, account)


async def _receive(request: Request, account: _Account) -> Response:
    if not account.aes_key:
        _check(request, "signature", account)
    parts: list[bytes] = []
    await read_body(request, service_of(request).settings.body_seconds, parts.append)
    body = b"".join(parts)
    content = read_content(body)
    if account.aes_key:
        sealed = content.get("Encrypt")
        if not isinstance(sealed, str):
            raise WrongSignatureError("The message is not encrypted: choose the safe mode in the console of WeChat.")
        _check(request, "msg_signature", account, sealed)
        content = read_content(unseal(sealed, account.aes_key, account.receiver))
    seen: SeenRequests = request.app.state.seen_requests
    query = request.query_params
    nonce = (request.url.path, query.get("timestamp", ""), query.get("nonce", ""))
    now = time.time()
    seen.check(nonce, body, now)
    message = {**content, "appId": account.receiver}
    await store(request, [message], source=account.name, protocol=account.protocol)
    seen.remember(nonce, body, now)
    return PlainTextResponse("success")


def _check(request: Request, field: str, account: _Account, *more: str) -> None:
    query = request.query_params
    check_signature(query.get(field, ""), account.token, query.get("timestamp", ""), query.get("nonce", ""), *more)


def _no_account(name: str, setting: str) -> NotFoundError:
    return NotFoundError(f"There is no account of this name: add it to IDENTITY_GRAPH_{setting}.", name=name)
