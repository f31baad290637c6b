"""Spans of transactions, for whoever collects traces. They hold no statement and no parameter."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind, StatusCode, get_tracer

_TRACER = get_tracer("identity_graph")
_ATTRIBUTES = {"db.system.name": "neo4j"}


@contextmanager
def traced(name: str) -> Generator[None]:
    """Make a span of what is done inside; without a collector this does nothing."""
    with _TRACER.start_as_current_span(
        f"neo4j {name}",
        kind=SpanKind.CLIENT,
        attributes=_ATTRIBUTES,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise
