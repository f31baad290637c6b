"""The web application: the collector, GraphQL, health and metrics on one port."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api import graphql
from api.collector.endpoints import collector_routes
from api.collector.hooks.endpoints import hook_routes
from api.collector.hooks.replays import SeenRequests
from api.collector.keyless import KeylessBodies
from api.collector.openapi import collector_components, collector_paths
from api.collector.rates import RateLimits
from api.collector.slashes import SingleSlashes
from api.errors import ErrorBoundary, error_response
from api.graphql.transport.cors import CrossOrigin
from api.graphql.transport.sockets import OpenSockets
from api.guide import guide_routes
from api.health import show_live, show_ready
from api.metrics import CollectorMetrics, show_metrics
from api.privacy import privacy_routes
from api.refusals import Refusals
from api.security_headers import SecurityHeaders
from api.tracing import name_routes, set_up_tracing
from identity_graph import __version__
from identity_graph.errors import IdentityGraphError
from identity_graph.service.access.managing import NewKeys, ensure_keys
from identity_graph.service.collecting.draining import spooling
from identity_graph.service.core import PATIENCE, Service, open_service
from identity_graph.service.privacy.retaining import retaining
from identity_graph.service.privacy.running import resuming
from identity_graph.settings import Settings


def create_app(
    settings: Settings | None = None,
    *,
    service: Service | None = None,
    on_new_keys: Callable[[NewKeys], None] | None = None,
) -> FastAPI:
    """Build the application. It opens a service of its own when it starts, unless it is given one.

    ``on_new_keys`` is called with the keys that were made because there were none; without it none are made.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            opened = service
            if opened is None:
                opened = await stack.enter_async_context(open_service(settings or Settings(), patience=PATIENCE))
            await start(app, opened)
            await stack.enter_async_context(resuming(opened))
            await stack.enter_async_context(retaining(opened))
            await stack.enter_async_context(spooling(opened, app.state.collector_metrics.observe_report))
            yield

    async def start(app: FastAPI, opened: Service) -> None:
        app.state.service = opened
        app.state.sockets = OpenSockets()
        app.state.keyless_bodies = KeylessBodies()
        app.state.rate_limits = RateLimits(
            opened.settings.events_per_second_per_key, opened.settings.events_per_second_per_address
        )
        app.state.seen_requests = SeenRequests()
        app.state.collector_metrics = CollectorMetrics(opened.metrics.registry)
        if on_new_keys is not None and (made := await ensure_keys(opened.graph, opened.settings)) is not None:
            on_new_keys(made)

    app = FastAPI(
        title="Identity Graph",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=set_up_tracing(),
    )
    app.router.routes += [*collector_routes(), *hook_routes(), *privacy_routes()]
    app.router.routes += [
        Route("/", _greet),
        Route("/health/live", show_live),
        Route("/health/ready", show_ready),
        Route("/metrics", show_metrics),
        *guide_routes(),
    ]
    app.include_router(graphql.router)
    name_routes(app.routes)
    app.add_middleware(ErrorBoundary)
    app.add_middleware(Refusals)
    app.add_middleware(CrossOrigin)
    app.add_middleware(SingleSlashes)
    app.add_middleware(SecurityHeaders)
    for kind in (IdentityGraphError, HTTPException):
        app.add_exception_handler(kind, _answer_error)
    app.openapi = lambda: _describe(app)
    return app


async def _greet(_request: Request) -> Response:
    """Lead a person with a browser to GraphiQL."""
    return RedirectResponse("/graphql")


async def _answer_error(request: Request, error: Exception) -> Response:
    return error_response(error, request)


def _describe(app: FastAPI) -> dict[str, Any]:
    """Describe the HTTP interface; the collector's routes are plain ones and bring their own description."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes, description=__doc__)
    document["paths"] = {**collector_paths(), **document.get("paths", {})}
    components = document.setdefault("components", {})
    for kind, described in collector_components().items():
        components[kind] = {**described, **components.get(kind, {})}
    return document
