"""Traces tell what took how long, and nothing of what people sent."""

import os
import subprocess
import sys
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import TestServer

PROGRAM = """
import sys
import httpx
from identity_graph.settings import Settings
from tests.live import serve

settings = Settings.model_validate({"write_key": "the-write-key", "admin_key": "the-admin-key"})
with serve(settings) as live:
    message = {"type": "identify", "userId": "person-4711", "traits": {"email": "person@example.cn"}, "messageId": "m"}
    assert httpx.post(f"{live.url}/v1/identify", json=message, auth=("the-write-key", "")).status_code == 200
    httpx.get(f"{live.url}/nowhere/person-4711?email=person@example.cn")
from opentelemetry import trace
trace.get_tracer_provider().shutdown()
"""


@pytest.fixture
def collected() -> Generator[tuple[str, list[bytes]]]:
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


def test_spans_name_routes_and_transactions_and_nobody(
    collected: tuple[str, list[bytes]], neo4j_server: TestServer, graph: Graph, tmp_path: Path
) -> None:
    url, bodies = collected
    environment = os.environ | {
        "IDENTITY_GRAPH_NEO4J_URI": neo4j_server.uri,
        "IDENTITY_GRAPH_NEO4J_USER": neo4j_server.user,
        "IDENTITY_GRAPH_NEO4J_PASSWORD": neo4j_server.password,
        "IDENTITY_GRAPH_DATA_DIR": str(tmp_path),
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
    }
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, cwd=root, check=True, timeout=120)
    spans = [
        span
        for body in bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {"POST /v1/{name}", "neo4j write", "neo4j read"} <= {span.name for span in spans}
    sent = b"".join(bodies)
    assert [word for word in (b"person", b"4711", b"example.cn", b"the-write-key") if word in sent] == []
