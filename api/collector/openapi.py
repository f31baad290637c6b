"""The collector's part of the OpenAPI document."""

from typing import Any

from identity_graph.domain.collecting.segment.messages import MAX_MESSAGE_BYTES, MESSAGE_TYPES

_ID = {"type": ["string", "number", "null"]}
_OBJECT = {"type": ["object", "null"]}
_TIME = {
    "type": ["string", "integer", "null"],
    "description": "ISO 8601, a compact date-time such as 20260131083000, or milliseconds since 1970.",
    "examples": ["2026-01-31T08:30:00.000Z"],
}
_MESSAGE: dict[str, Any] = {
    "type": "object",
    "description": f"A message of the Segment specification, at most {MAX_MESSAGE_BYTES} bytes.",
    "properties": {
        "type": {"enum": [*sorted(MESSAGE_TYPES), None]},
        "messageId": {"type": ["string", "null"], "maxLength": 100},
        "userId": _ID,
        "anonymousId": _ID,
        "previousId": _ID,
        "groupId": _ID,
        "event": {"type": ["string", "null"]},
        "name": {"type": ["string", "null"]},
        "properties": _OBJECT,
        "traits": _OBJECT,
        "context": _OBJECT,
        "timestamp": _TIME,
        "originalTimestamp": _TIME,
        "sentAt": _TIME,
        "writeKey": {"type": ["string", "null"]},
    },
}
_BATCH: dict[str, Any] = {
    "type": "object",
    "required": ["batch"],
    "properties": {
        "batch": {"type": "array", "items": {"$ref": "#/components/schemas/Message"}},
        "sentAt": _TIME,
        "writeKey": {"type": ["string", "null"]},
    },
}
_SENSORS_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "data": {"type": "string", "description": "Base64 of the JSON of one message or several, gzipped or not."},
        "data_list": {"type": "string", "description": "The same."},
        "gzip": {"type": "string", "enum": ["0", "1"]},
        "ext": {"type": "string", "description": "`crc=` and the checksum of the base64."},
    },
}
_SUCCESS = {"type": "object", "required": ["success"], "properties": {"success": {"const": True}}}
_FAILURE = {
    "type": "object",
    "required": ["success", "code", "message"],
    "properties": {"success": {"const": False}, "code": {"type": "string"}, "message": {"type": "string"}},
}
_SECURITY: list[dict[str, list[str]]] = [{"basicWriteKey": []}, {"headerWriteKey": []}]


def collector_paths() -> dict[str, Any]:
    """Describe the collector's paths; those of single characters mean the same as the long ones."""
    single = sorted(MESSAGE_TYPES)
    paths: dict[str, Any] = {
        f"/v1/{kind}": {"post": _receive(f"Send one {kind} message", "Message")} for kind in single
    }
    paths["/v1/batch"] = {"post": _receive("Send a batch of messages", "Batch")}
    paths["/beacon/v1/batch"] = {
        "post": {
            **_receive("Send a batch when the page is left", "Batch"),
            "parameters": [_parameter("writeKey", "query", required=False)],
        }
    }
    for path in ("/api/s/{type}", "/api/s/s2s/{type}"):
        paths[path] = {
            "post": {
                **_receive("Send one message by Jitsu's SDK", "Message", "404"),
                "parameters": [_parameter("type", "path", {"enum": single})],
            }
        }
    paths["/v1/pixel/{type}"] = {
        "get": {
            "summary": "Send one message by the address of an image",
            "parameters": [
                _parameter("type", "path", {"enum": single}),
                _parameter("data", "query", {"type": "string", "description": "Base64 of the message's JSON."}),
            ],
            "responses": {
                "200": {"description": "Stored.", "content": {"image/gif": {"schema": {"type": "string"}}}},
                **_failures("400", "401", "404", "503"),
            },
            "security": _SECURITY,
        }
    }
    paths["/v1/projects/{key}/settings"] = {
        "get": {
            "summary": "Tell Segment's browser SDK where to send",
            "parameters": [_parameter("key", "path", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"})],
            "responses": {"200": _content("Its settings.", {"type": "object"})},
        }
    }
    paths["/sourceConfig"] = {
        "get": {
            "summary": "Tell RudderStack's browser SDK about its source",
            "parameters": [_parameter("writeKey", "query", required=False)],
            "responses": {"200": _content("The source.", {"type": "object"})},
        }
    }
    paths |= _sensors_paths() | _hook_paths()
    paths["/health/live"] = {
        "get": {"summary": "Whether the process runs", "responses": {"200": _content("It does.", {"type": "object"})}}
    }
    paths["/health/ready"] = {
        "get": {
            "summary": "Whether events are taken in",
            "responses": {
                "200": _content("They are, by Neo4j or by the spool.", {"type": "object"}),
                **_failures("503"),
            },
        }
    }
    return paths


def _sensors_paths() -> dict[str, Any]:
    """Describe the paths of Sensors SDKs."""
    token = [_parameter("token", "query", required=False), _parameter("project", "query", required=False)]
    post = {
        "parameters": token,
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": _SENSORS_FORM}}},
        "responses": {
            "200": _content(
                "All messages are safe: as events, as dead letters, or on the disk.", _reference("Success")
            ),
            **_failures("400", "401", "408", "413", "429", "503"),
        },
        "security": _SECURITY,
    }
    image = {
        "summary": "Send messages of a Sensors SDK by the address of an image",
        "parameters": [*token, _parameter("data", "query"), _parameter("ext", "query", required=False)],
        "responses": {
            "200": {"description": "Stored.", "content": {"image/gif": {"schema": {"type": "string"}}}},
            **_failures("400", "401", "413", "429", "503"),
        },
        "security": _SECURITY,
    }
    return {
        **{
            path: {"post": {"summary": "Send messages of a Sensors SDK", **post}, "get": image}
            for path in ("/sa", "/sa.gif")
        },
        "/debug": {
            "post": {
                "summary": "Send messages of a Sensors SDK and hear what is wrong with them",
                **post,
                "parameters": [*token, _parameter("Dry-Run", "header", required=False)],
            }
        },
    }


def _hook_paths() -> dict[str, Any]:
    """Describe the paths that WeChat and WeCom push to."""
    signed = [
        _parameter("name", "path", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
        *(_parameter(name, "query", required=False) for name in ("signature", "msg_signature", "timestamp", "nonce")),
    ]
    done = {"description": "Stored, or the echo.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        f"/hooks/{kind}/{{name}}": {
            "get": {
                "summary": f"Confirm the address to {title}",
                "parameters": [*signed, _parameter("echostr", "query", required=False)],
                "responses": {"200": done, **_failures("403", "404")},
            },
            "post": {
                "summary": f"Take what {title} pushes",
                "parameters": signed,
                "requestBody": {
                    "required": True,
                    "description": "XML, as it usually comes, or JSON.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {"200": done, **_failures("400", "403", "404", "408", "413", "429", "503")},
            },
        }
        for kind, title in (("wechat", "WeChat"), ("wecom", "WeCom"))
    }


def collector_components() -> dict[str, Any]:
    """Describe the shapes and keys that the collector's paths refer to."""
    return {
        "schemas": {"Message": _MESSAGE, "Batch": _BATCH, "Success": _SUCCESS, "Failure": _FAILURE},
        "securitySchemes": {
            "basicWriteKey": {"type": "http", "scheme": "basic", "description": "The write key is the user."},
            "headerWriteKey": {"type": "apiKey", "in": "header", "name": "X-Write-Key"},
        },
    }


def _receive(summary: str, schema: str, *more_failures: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "responses": {
            "200": _content(
                "All messages are safe: as events, as dead letters, or on the disk.", _reference("Success")
            ),
            **_failures("400", "401", "408", "413", "429", "503", *more_failures),
        },
        "security": _SECURITY,
    }


def _failures(*statuses: str) -> dict[str, Any]:
    descriptions = {
        "400": "The request cannot be parsed, or its messages cannot be accepted.",
        "401": "The write key is missing or not valid.",
        "403": "The push is not signed, or replayed.",
        "404": "There is no such path, or no such account.",
        "408": "The body did not arrive in time.",
        "413": "The body is too large.",
        "429": "The key, or the address, sends more events than it may; send it again after Retry-After seconds.",
        "503": "Neo4j does not answer; send it again after Retry-After seconds.",
    }
    return {status: _content(descriptions[status], _reference("Failure")) for status in statuses}


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, place: str, schema: dict[str, Any] | None = None, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema or {"type": "string"}}
