"""``/privacy/requests``: privacy tools open requests of people and ask how far they are, in JSON after OpenDSR."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.collector.body import read_json
from api.errors import answer, error_response
from api.graphql.transport.credentials import explain_refusal, identify
from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal, Scope, in_order
from identity_graph.domain.audit.entries import Action, AuditEntry, Who
from identity_graph.domain.audit.objects import name_identifier
from identity_graph.domain.privacy.opendsr import describe, id_of, read_sent
from identity_graph.domain.privacy.personal_data import write_page
from identity_graph.domain.values.json_reader import write_json
from identity_graph.errors import ForbiddenError, InvalidInputError
from identity_graph.service.audit.operations import Operation, recorded_on_write
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import Named
from identity_graph.service.new_ids import new_id
from identity_graph.service.privacy.cases import PREFIX, Wanted, get_case, open_request
from identity_graph.service.privacy.personal_data import export_personal_data

_Endpoint = Callable[[Request, Service, Principal], Awaitable[Response]]

_BY_TOOL = "a privacy tool"
_REQUESTS = "/privacy/requests"


def privacy_routes() -> list[Route]:
    """List the routes."""
    return [
        Route(_REQUESTS, _answered(_open, Scope.PRIVACY), methods=["POST"]),
        Route(f"{_REQUESTS}/{{id}}", _answered(_show, Scope.PRIVACY), methods=["GET"]),
        Route(f"{_REQUESTS}/{{id}}/data", _answered(_export, Scope.PRIVACY, Scope.PII), methods=["GET"]),
    ]


def _answered(endpoint: _Endpoint, *scopes: Scope) -> Callable[[Request], Awaitable[Response]]:
    """Let an endpoint answer whoever has all the scopes, and turn errors into answers."""

    async def answered(request: Request) -> Response:
        service: Service = request.app.state.service
        try:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            found = await identify(service, key.strip() if scheme.lower() == "bearer" else "", request.scope)
            if isinstance(found, Refusal):
                asked = {"WWW-Authenticate": 'Bearer realm="privacy"'}
                return answer(401, "UNAUTHENTICATED", explain_refusal(found).replace("GraphQL", "This path"), asked)
            _check(found, scopes)
            return await endpoint(request, service, found)
        except Exception as error:  # noqa: BLE001 - each becomes an answer
            return error_response(error, request)

    return answered


def _check(principal: Principal, scopes: Sequence[Scope]) -> None:
    missing = in_order(frozenset(scopes) - principal.scopes)
    if missing:
        raise ForbiddenError(f"This path needs the scope `{missing[0]}`.", missing=[str(one) for one in missing])


async def _open(request: Request, service: Service, principal: Principal) -> Response:
    sent = read_sent(await read_json(request, service.settings.body_seconds))
    if isinstance(sent, list):
        raise InvalidInputError(" ".join(sent))
    by = Named(sent.namespace, sent.value)
    wanted = Wanted(
        by=by,
        kind=sent.kind,
        requester=f"{_BY_TOOL}: {principal.name}",
        region=sent.region,
        received_at=sent.submitted_at,
        corrections=sent.corrections,
        id=id_of(sent.their_id),
    )
    objects = (id_of(sent.their_id), name_identifier(service.audit.hash_key, *by))
    with _recorded(principal, Action.PRIVACY, f"POST {_REQUESTS}", objects):
        case = await open_request(service, wanted, principal.name)
    return _json(describe(case.request, sent.their_id), 201)


async def _show(request: Request, service: Service, _: Principal) -> Response:
    asked: str = request.path_params["id"]
    is_ours = asked.startswith(f"{PREFIX}_")
    case = await get_case(service, asked if is_ours else id_of(asked))
    return _json(describe(case.request, None if is_ours else asked))


async def _export(request: Request, service: Service, principal: Principal) -> Response:
    asked: str = request.path_params["id"]
    id = asked if asked.startswith(f"{PREFIX}_") else id_of(asked)
    data = await export_personal_data(service, id)
    service.audit.note(_entry(principal, Action.EXPORT, f"GET {_REQUESTS}/data", (id, str(data["customer"]))))
    if request.query_params.get("format") == "html":
        return _file(write_page(data), "text/html", "personal-data.html")
    return _file(write_json(data), "application/json", "personal-data.json")


@contextmanager
def _recorded(principal: Principal, action: Action, operation: str, objects: tuple[str, ...]) -> Generator[None]:
    """Let what is written inside take an entry of the audit log along."""
    with recorded_on_write(Operation(_entry(principal, action, operation, objects), objects)):
        yield


def _entry(principal: Principal, action: Action, operation: str, objects: tuple[str, ...]) -> AuditEntry:
    who = Who.of(principal)
    return AuditEntry(id=new_id("aud"), at=now_instant(), who=who, action=action, operation=operation, objects=objects)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _file(text: str, media_type: str, name: str) -> Response:
    """Give a file to keep: a browser does not open it beside GraphiQL."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "surrogatepass"), headers=headers, media_type=media_type)
