"""Traces of requests and transactions, sent to an OpenTelemetry collector where the environment names one.

FastAPI makes a span for each request, and the driver one for each transaction. Query strings and unknown paths may hold what people
sent, so they never leave the process.
"""

import os
from collections.abc import Iterable

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.context import Context
from starlette.routing import BaseRoute, Route

from identity_graph import __version__

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_TELLING = ("url.path", "url.query", "http.request.method_original")
HIDDEN = "(hidden)"
_routes: list[Route] = []


def name_routes(routes: Iterable[BaseRoute]) -> None:
    """Let the span of a request be called as its route is written, with the names of parameters and without their values."""
    _routes[:] = [route for route in routes if isinstance(route, Route)]


def _find_route(path: object) -> str | None:
    return next((route.path for route in _routes if route.path_regex.fullmatch(str(path))), None)


def set_up_tracing() -> TelemetryConfig:
    """Begin to send spans if an endpoint is set, once in a process, and tell FastAPI whether to make them."""
    is_on = any(os.environ.get(name) for name in _ENDPOINTS) and os.environ.get("OTEL_TRACES_EXPORTER") != "none"
    if is_on and isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        _provide()
    return TelemetryConfig(tracing=is_on, metrics=False, logs=False, operation_spans=False, auto_configure=False)


def _provide() -> None:
    # Those who send no traces need not wait for these.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Hiding(SpanProcessor):
        def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - not needed
            told = span.attributes or {}
            route = _find_route(told.get("url.path"))
            for name in _TELLING:
                if name in told:
                    span.set_attribute(name, HIDDEN)
            if route is not None:
                span.set_attribute("http.route", route)
                span.update_name(f"{span.name} {route}")

    resource = Resource.create({"service.name": "identity-graph", "service.version": __version__})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(Hiding())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
