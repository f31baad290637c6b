"""The description of the HTTP interface is true: requests made from it, and far beside it, never end in a 5xx."""

from contextlib import suppress
from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.collector.endpoints import SINGLE_PATHS
from tests.live import WRITE_KEY, Live

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_POSTS = 10
_few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_ends_in_a_server_error(mode: GenerationMode, live: Live) -> None:
    schema = schemathesis.openapi.from_url(f"{live.url}/openapi.json")
    tried: set[str] = set()
    for found in schema.get_all_operations():
        _try(cast("Any", found).ok(), mode, tried)

    assert len(tried) >= _POSTS


def _try(operation: Any, mode: GenerationMode, tried: set[str]) -> None:
    @_few
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call(headers={"X-Write-Key": WRITE_KEY})
        case.validate_response(response, checks=_CHECKS)
        tried.add(operation.label)

    with suppress(Unsatisfiable):  # nothing can be wrong about a request that has no parts
        ask()


async def test_every_long_path_of_the_collector_is_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    assert {f"/v1/{kind}" for kind in SINGLE_PATHS.values()} | {
        "/v1/batch",
        "/health/ready",
        "/sa",
        "/sa.gif",
        "/debug",
        "/hooks/wechat/{name}",
        "/hooks/wecom/{name}",
    } <= set(paths)
