"""The one place through which every answer passes: what was refused is recorded in the audit log, whatever route refused it.

Who tries many wrong keys waits for each answer. Right keys are never held up, since many clients may share an address.
"""

import asyncio

from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.collector.rates import RateLimit
from api.connections import address_of, network_of
from identity_graph.domain.audit.entries import Action, AuditEntry, Outcome, Who
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service
from identity_graph.service.new_ids import new_id

_REASONS = {401: "UNAUTHENTICATED", 403: "FORBIDDEN"}
_INCLUDED = "/graphql"
"""What a router that is included as a whole serves; such a one has no path."""

_HELD_UP_SECONDS = 1.0
"""How long who tried too many wrong keys waits to hear that another one is wrong."""

_SOCKET_REASONS = {4401: "UNAUTHENTICATED", 4403: "FORBIDDEN"}


class Refusals:
    """Records who came without a valid key, and from where. Many from one address are one entry with their count."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._guesses: RateLimit | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and look at how it is answered."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            reason = None
            if message["type"] == "http.response.start" and not _is_recorded(scope, message["status"]):
                reason = _REASONS.get(message["status"])
            elif message["type"] == "websocket.close":
                reason = _SOCKET_REASONS.get(message.get("code", 0))
            if reason is not None:
                _note(scope, reason)
                await self._hold_up(scope)
            await send(message)

        await self._app(scope, receive, watch)

    async def _hold_up(self, scope: Scope) -> None:
        """Have an address that tried too many wrong keys wait."""
        if self._guesses is None:
            self._guesses = RateLimit(scope["app"].state.service.settings.wrong_keys_per_second_per_address)
        network = network_of(address_of(scope) or "")
        wait = self._guesses.find_wait(network)
        self._guesses.spend(network, 0 if wait else 1)
        if wait:
            await asyncio.sleep(_HELD_UP_SECONDS)


def _is_recorded(scope: Scope, status: int) -> bool:
    """Tell whether it is recorded with the name of who asked: GraphQL knows it when it refuses for want of a scope."""
    return status == 403 and scope["path"] == _INCLUDED


def _route_of(scope: Scope) -> str:
    """Give the path of the route, and not what was sent in place of its parameters."""
    for route in scope["app"].routes:
        if route.matches(scope)[0] is not Match.NONE:
            return str(getattr(route, "path", None) or _INCLUDED)
    return "no route"


def _note(scope: Scope, reason: str) -> None:
    service: Service = scope["app"].state.service
    entry = AuditEntry(
        id=new_id("aud"),
        at=now_instant(),
        who=Who("", "unknown", address=address_of(scope)),
        action=Action.ASK,
        operation=_route_of(scope),
        outcome=Outcome.REFUSED,
        reason=reason,
    )
    service.audit.note_merged(entry, "times")
