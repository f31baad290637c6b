"""The page of authorisation: what happens to whoever asks, derived from the tables that are enforced.

A test asks a running service for every row with every credential, and compares what it observed with what this module expects.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from identity_graph.domain.access.principals import Scope
from identity_graph.domain.access.routes import COMMANDS, ROUTES, RouteNeed
from identity_graph.domain.access.table import GRAPHQL

HEAD = """\
<!-- Generated from identity_graph/domain/access by `make docs`; do not edit. -->

# Authorisation, tried

What a running service answers to whoever asks. The expected outcomes come from the [table of scopes](scopes.md).
`tests/api/test_authorisation.py` asks a running service for every row with every credential and compares. So this page is wrong only while that test
fails.

| sign | means |
|---|---|
| ● | allowed |
| 401 | refused: there is no valid key or token |
| 403 | refused: the key is valid, and lacks a scope. A WebSocket is closed with 4403 for want of a valid key, too |

| column | credential |
|---|---|
| `write` to `admin` | a key with this scope and no other |
| its scopes | a key with the scopes that the row needs, and no other |
| but one | keys with all scopes but one of these, each in turn |
| all | a key with all scopes |
| none | no key |
| unknown | a made-up key; the SHA-256 of a valid one; a secret that was rotated, after its overlap |
| revoked, expired | a key that was revoked; a key and a token that have expired |
| forged | a token that somebody else signed, whose body was changed, that is signed by HMAC with the public key, of another issuer, for another audience |
| `alg: none` | a token without a signature |
"""


class Outcome(StrEnum):
    """What happens to a request; the value is how the page says it."""

    ALLOWED = "●"
    UNAUTHENTICATED = "401"
    FORBIDDEN = "403"


ITS_SCOPES, BUT_ONE, ALL = "its scopes", "but one", "all"
REFUSED = ("none", "unknown", "revoked", "expired", "forged", "`alg: none`")
"""Credentials that are not valid."""

COLUMNS = (*(f"`{scope}`" for scope in Scope), ITS_SCOPES, BUT_ONE, ALL, *REFUSED)

Row = Mapping[str, Outcome]
"""What happens, by column."""

_STRANGERS = {
    "Query": Outcome.UNAUTHENTICATED,
    "Mutation": Outcome.UNAUTHENTICATED,
    "Subscription": Outcome.FORBIDDEN,
}
_TITLES = {"Query": "Queries", "Mutation": "Mutations", "Subscription": "Subscriptions"}


def expect_of_scopes(needs: frozenset[Scope], strangers: Outcome = Outcome.UNAUTHENTICATED) -> Row:
    """Say what is expected of something that needs scopes, and what of those whose key is not valid."""
    return {
        **{f"`{scope}`": _allowed_if(needs <= {scope}) for scope in Scope},
        ITS_SCOPES: Outcome.ALLOWED,
        BUT_ONE: Outcome.FORBIDDEN,
        ALL: Outcome.ALLOWED,
        **dict.fromkeys(REFUSED, strangers),
    }


def expect_operations() -> dict[str, dict[str, Row]]:
    """Say what is expected of each query, mutation and subscription, and of arguments that need more, by kind."""
    return {
        kind: {place: expect_of_scopes(scopes, strangers) for place, scopes in _places(kind).items()}
        for kind, strangers in _STRANGERS.items()
    }


def expect_fields() -> dict[str, dict[Scope, Outcome]]:
    """Say for each field, and each argument that needs more, what is expected of all scopes but one, by that scope."""
    return {
        f"{kind}.{place}": {scope: _allowed_if(scope not in scopes) for scope in Scope}
        for kind in GRAPHQL
        if kind not in _STRANGERS
        for place, scopes in _places(kind).items()
    }


def expect_routes() -> dict[str, Row]:
    """Say what is expected of each route."""
    return {path: _EXPECTED_OF_ROUTES[need] for path, need in ROUTES.items()}


def expect_commands() -> dict[str, Outcome]:
    """Say what is expected of each command that uses scopes, without the password of Neo4j."""
    return {command: Outcome.UNAUTHENTICATED for command, scopes in COMMANDS.items() if scopes}


def render_authorisation() -> str:
    """Write the page as it is expected."""
    return write_page(expect_operations(), expect_fields(), expect_routes(), expect_commands())


def write_page(
    operations: Mapping[str, Mapping[str, Row]],
    fields: Mapping[str, Mapping[Scope, Outcome]],
    routes: Mapping[str, Row],
    commands: Mapping[str, Outcome],
) -> str:
    """Write the page of outcomes, expected or observed."""
    parts = [HEAD]
    for kind, rows in operations.items():
        parts += [f"\n## {_TITLES[kind]}\n\n", *_table(kind.lower(), COLUMNS, rows)]
    parts.append(
        "\n## Fields of objects\n\nEach field was asked for, with all its arguments, by keys with all scopes but one: the columns. 403 means that this very "
        "field was named in the refusal. Whoever has no valid key or token was refused for each of them, and a key with a single scope for each "
        "that needs another one.\n\n"
    )
    parts += _table("field", [f"without `{scope}`" for scope in Scope], _grouped(fields))
    parts += ["\n## HTTP\n\n", *_table("path", COLUMNS, {f"`{path}`": row for path, row in routes.items()})]
    parts.append(
        "\n## Commands\n\nCommands use no keys: who runs one has the password of Neo4j, or can read the folder of the embedded server. With a wrong password, "
        "each of these is refused. The others use no scope: they need no graph, or start and stop the service and its Neo4j.\n\n"
    )
    parts += _table("command", ["wrong password"], {f"`{name}`": {"": found} for name, found in commands.items()})
    return "".join(parts)


def _places(kind: str) -> dict[str, frozenset[Scope]]:
    return {
        place: scopes
        for name, need in GRAPHQL[kind].items()
        for place, scopes in (
            (name, need.scopes),
            *((f"{name}({argument}:)", need.scopes | more) for argument, more in need.arguments.items() if more),
        )
    }


def _allowed_if(is_allowed: bool) -> Outcome:
    return Outcome.ALLOWED if is_allowed else Outcome.FORBIDDEN


def _grouped(fields: Mapping[str, Mapping[Scope, Outcome]]) -> dict[str, Mapping[Scope, Outcome]]:
    """Write fields of one type with the same outcomes as one row."""
    groups: dict[tuple[str, tuple[Outcome, ...]], list[str]] = {}
    for place, outcomes in fields.items():
        kind, _, name = place.partition(".")
        groups.setdefault((kind, tuple(outcomes[scope] for scope in Scope)), []).append(f"`{name}`")
    return {
        f"{kind}: {' '.join(names)}": dict(zip(Scope, outcomes, strict=True))
        for (kind, outcomes), names in groups.items()
    }


def _table(what: str, columns: Iterable[str], rows: Mapping[str, Mapping[Any, Outcome]]) -> Iterable[str]:
    columns = list(columns)
    yield f"| {what} | {' | '.join(columns)} |\n|---|{':-:|' * len(columns)}\n"
    for name, outcomes in rows.items():
        yield f"| {name} | {' | '.join(outcomes.values())} |\n"


def _row(only_write: Outcome, other_keys: Outcome, strangers: Outcome) -> Row:
    return {
        **{column: only_write if column in {f"`{Scope.WRITE}`", ITS_SCOPES} else other_keys for column in COLUMNS},
        **dict.fromkeys(REFUSED, strangers),
    }


_ANYBODY = _row(Outcome.ALLOWED, Outcome.ALLOWED, Outcome.ALLOWED)
_SIGNED = _row(Outcome.FORBIDDEN, Outcome.FORBIDDEN, Outcome.FORBIDDEN)
_ONLY_WRITE = _row(Outcome.ALLOWED, Outcome.UNAUTHENTICATED, Outcome.UNAUTHENTICATED)
_KEY = _row(Outcome.ALLOWED, Outcome.ALLOWED, Outcome.UNAUTHENTICATED)

_EXPECTED_OF_ROUTES: Mapping[RouteNeed, Row] = {
    RouteNeed.NOTHING: _ANYBODY,
    RouteNeed.SIGNATURE: _SIGNED,
    RouteNeed.WRITE_KEY: _ONLY_WRITE,
    RouteNeed.BY_FIELD: _KEY,
}
