"""What the HTTP routes and the commands need: the part of the table of scopes outside GraphQL."""

from collections.abc import Mapping
from enum import StrEnum

from identity_graph.domain.access.principals import Scope


class RouteNeed(StrEnum):
    """What a request needs; the value is how the documentation says it."""

    NOTHING = "nothing"
    WRITE_KEY = "a key with `write` and no other scope"
    SIGNATURE = "the signature of WeChat or WeCom"
    PRIVACY = "a key or token with `privacy`"
    PRIVACY_DATA = "a key or token with `privacy` and `pii`"
    BY_FIELD = "what the table says of the fields"


ROUTES: Mapping[str, RouteNeed] = {
    "/v1/{name}": RouteNeed.WRITE_KEY,
    "/v1/pixel/{name}": RouteNeed.WRITE_KEY,
    "/beacon/v1/{name}": RouteNeed.WRITE_KEY,
    "/api/s/{name}": RouteNeed.WRITE_KEY,
    "/api/s/s2s/{name}": RouteNeed.WRITE_KEY,
    "/sa": RouteNeed.WRITE_KEY,
    "/sa.gif": RouteNeed.WRITE_KEY,
    "/debug": RouteNeed.WRITE_KEY,
    "/hooks/wechat/{name}": RouteNeed.SIGNATURE,
    "/hooks/wecom/{name}": RouteNeed.SIGNATURE,
    "/v1/projects/{key}/settings": RouteNeed.NOTHING,
    "/sourceConfig": RouteNeed.NOTHING,
    "/privacy/requests": RouteNeed.PRIVACY,
    "/privacy/requests/{id}": RouteNeed.PRIVACY,
    "/privacy/requests/{id}/data": RouteNeed.PRIVACY_DATA,
    "/graphql": RouteNeed.BY_FIELD,
    "/graphql/assets/{name}": RouteNeed.NOTHING,
    "/": RouteNeed.NOTHING,
    "/health/live": RouteNeed.NOTHING,
    "/health/ready": RouteNeed.NOTHING,
    "/metrics": RouteNeed.NOTHING,
    "/guide": RouteNeed.NOTHING,
    "/guide/style.grass": RouteNeed.NOTHING,
    "/openapi.json": RouteNeed.NOTHING,
}
"""What each route needs, by its path without a slash at the end. Routes without a key hold no data of anybody."""

_NONE = frozenset[Scope]()
_READ = frozenset({Scope.READ, Scope.PII})
_SEGMENTS = frozenset({Scope.READ, Scope.SEGMENTS})
_MEMBERS = _SEGMENTS | {Scope.PII}
_RULES = frozenset({Scope.READ, Scope.RULES})
_ADMIN = frozenset({Scope.ADMIN})
_PRIVACY = frozenset({Scope.PRIVACY})

COMMANDS: Mapping[str, frozenset[Scope]] = {
    "serve": _NONE,
    "doctor": _READ,
    "import": frozenset({Scope.WRITE}),
    "export": _READ,
    "lookup": _READ,
    "journey": _READ,
    "changes": _READ,
    "why": _READ,
    "simulate": _NONE,
    "spool status": _NONE,
    "spool drain": frozenset({Scope.WRITE}),
    "backup": _READ | {Scope.PII, Scope.ADMIN},
    "restore": _ADMIN,
    "neo4j start": _NONE,
    "neo4j compact": _NONE,
    "neo4j stop": _NONE,
    "neo4j status": _NONE,
    "neo4j browser": _NONE,
    "audit list": _ADMIN,
    "audit verify": _ADMIN,
    "audit export": _ADMIN,
    "audit key": _NONE,
    "audit hash": _NONE,
    "consent set": _PRIVACY,
    "consent list": _READ,
    "consent why": _READ,
    "privacy open": _PRIVACY,
    "privacy list": _PRIVACY | {Scope.PII},
    "privacy show": _PRIVACY | {Scope.PII},
    "privacy advance": _PRIVACY,
    "privacy extend": _PRIVACY,
    "privacy export": _PRIVACY | {Scope.PII},
    "privacy orders": _PRIVACY,
    "privacy schema": _NONE,
    "keys list": _ADMIN,
    "keys create": _ADMIN,
    "keys rotate": _ADMIN,
    "keys revoke": _ADMIN,
    "rules check": _NONE,
    "rules show": _NONE,
    "rules diff": _RULES | {Scope.PII},
    "rules apply": _RULES,
    "rules rollback": _RULES,
    "rules history": _RULES,
    "catalogue check": _NONE,
    "catalogue show": _NONE,
    "catalogue diff": _RULES | {Scope.PII},
    "catalogue apply": _RULES,
    "catalogue rollback": _RULES,
    "catalogue history": _RULES,
    "segments check": _NONE,
    "segments templates": _NONE,
    "segments list": _SEGMENTS,
    "segments show": _SEGMENTS,
    "segments preview": _MEMBERS,
    "segments apply": _SEGMENTS,
    "segments delete": _SEGMENTS,
    "segments members": _MEMBERS,
    "segments why": _MEMBERS,
    "segments recompute": _SEGMENTS,
    "segments export": _MEMBERS,
}
"""The scopes that each command uses. Whoever runs one on the graph has the password of Neo4j, and so all of them."""
