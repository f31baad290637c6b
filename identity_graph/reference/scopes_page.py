"""The page of scopes, generated from the table that is enforced."""

from collections.abc import Iterable

from identity_graph.domain.access.principals import Scope, in_order
from identity_graph.domain.access.routes import COMMANDS, ROUTES
from identity_graph.domain.access.table import GRAPHQL, FieldNeed, Shown

HEAD = """\
<!-- Generated from identity_graph/domain/access by `make docs`; do not edit. -->

# Scopes of every operation

A request needs all scopes of its row, and those of every field in it. [access.md](access.md) explains them.
[authorisation.md](authorisation.md) has what happens to each row with every scope, without a key, and with keys and tokens that are revoked, expired or forged.
"""

_ROOTS = {"Query": "Queries", "Mutation": "Mutations", "Subscription": "Subscriptions"}
_SHOWN = {Shown.WHOLE: "", Shown.MASKED: "masked", Shown.ROUNDED: "small counts are not told"}


def render_scopes() -> str:
    """Write the page."""
    parts = [HEAD]
    for root, title in _ROOTS.items():
        parts.append(f"\n## {title}\n\n{_head(title.lower().removesuffix('s').replace('querie', 'query'))}")
        parts += [
            _row(f"`{place}`", scopes)
            for name, need in sorted(GRAPHQL[root].items())
            for place, scopes in _places(name, need)
        ]
    parts.append("\n## Fields of objects\n\nWithout `pii`, a field is shown as the last column says.\n\n")
    parts.append("| type | scopes | fields | without `pii` |\n|---|---|---|---|\n")
    for kind, fields in GRAPHQL.items():
        if kind not in _ROOTS:
            parts += _rows_of(kind, fields.items())
    parts.append("\n## HTTP\n\n| path | needs |\n|---|---|\n")
    parts += [f"| `{path}` | {need} |\n" for path, need in ROUTES.items()]
    parts.append(
        "\n## Commands\n\nCommands need the password of Neo4j or the folder of the embedded server, and so have all scopes. "
        f"The table says which they use.\n\n{_head('command')}"
    )
    parts += [_row(f"`{command}`", scopes) for command, scopes in COMMANDS.items()]
    return "".join(parts)


def _places(name: str, need: FieldNeed) -> Iterable[tuple[str, frozenset[Scope]]]:
    yield name, need.scopes
    for argument, more in need.arguments.items():
        if more:
            yield f"{name}({argument}:)", need.scopes | more


def _rows_of(kind: str, fields: Iterable[tuple[str, FieldNeed]]) -> Iterable[str]:
    groups: dict[tuple[frozenset[Scope], Shown], list[str]] = {}
    for name, need in fields:
        groups.setdefault((need.scopes, need.shown), []).append(f"`{name}`")
    for (scopes, shown), names in groups.items():
        yield f"| {kind} | {_marks(scopes)} | {' '.join(names)} | {_SHOWN[shown]} |\n"


def _head(what: str) -> str:
    scopes = " | ".join(f"`{scope}`" for scope in Scope)
    return f"| {what} | {scopes} |\n|---|{':-:|' * len(Scope)}\n"


def _row(what: str, scopes: frozenset[Scope]) -> str:
    return f"| {what} | {' | '.join('●' if scope in scopes else '' for scope in Scope)} |\n"


def _marks(scopes: frozenset[Scope]) -> str:
    return " ".join(f"`{scope}`" for scope in in_order(scopes)) or "those of the field that leads there"
