"""Access keys: listed, made, rotated and revoked."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from identity_graph.domain.access.keys import AccessKeyView
from identity_graph.domain.access.principals import Scope, in_order
from identity_graph.domain.values.durations import read_duration
from identity_graph.errors import InvalidInputError
from identity_graph.service.access import managing

strawberry.enum(
    Scope,
    description="What a key or a token is good for. WRITE: send events and observations; READ: read customers, journeys and statistics, "
    "without personal values; PII: see those as they are; SEGMENTS: segments, destinations, alerts and experiments; RULES: rules, the "
    "catalogue, judgements and retractions; PRIVACY: consent and privacy requests; ADMIN: keys and the audit log.",
)


@strawberry.type(description="A key that opens the service. Its secret is shown once, when it is made or rotated.")
class AccessKey(Node):
    """A key without its secret."""

    name: str = strawberry.field(description="Of a key with WRITE alone, the source of its events.")
    scopes: list[Scope]
    created_at: DateTime
    last_used_at: DateTime | None = strawberry.field(description="To about a minute; null if it was never used.")
    expires_at: DateTime | None
    revoked_at: DateTime | None
    previous_until: DateTime | None = strawberry.field(
        description="Until then the secret that it had before it was rotated is accepted, too."
    )


@strawberry.type(description="A key that was just changed.")
class AccessKeyResult:
    """A key, with its secret if that is new."""

    access_key: AccessKey
    secret: str | None = strawberry.field(description="What to send as the key. It is shown this once.")


@strawberry.input(description="A key to be made.")
class AccessKeyInput:
    """A key to be made."""

    name: str = strawberry.field(description="With WRITE alone, the source of what comes in by it.")
    scopes: list[Scope] = strawberry.field(description="Only scopes that you have yourself.")
    expires_at: DateTime | None = strawberry.field(default=UNSET, description="When it ends by itself.")


Overlap = Annotated[
    str | None,
    strawberry.argument(description="How long the earlier secret is accepted, too, as an ISO 8601 duration."),
]


@strawberry.type
class AccessKeyQueries:
    """The entry points for looking at keys."""

    @strawberry.field(
        description="All keys of the graph by name, revoked ones too; those of the settings are not among them."
    )
    async def access_keys(self, info: Info) -> list[AccessKey]:
        """List the keys."""
        return [access_key_of(view) for view in await managing.list_keys(info.context.service.graph)]


@strawberry.type
class AccessKeyMutations:
    """The entry points for changing keys."""

    @strawberry.mutation(description="Make a key. Services accept it within a second.")
    async def create_access_key(self, info: Info, input: AccessKeyInput) -> AccessKeyResult:
        """Make a key."""
        if not input.scopes:
            raise InvalidInputError("A key needs at least one scope.")
        expires_at = given(input.expires_at)
        shown = await managing.create_key(
            info.context.service.graph,
            input.name,
            frozenset(input.scopes),
            expires_at=None if expires_at is None else int(expires_at),
            by=info.context.principal,
        )
        return AccessKeyResult(access_key=access_key_of(shown.key), secret=shown.secret)

    @strawberry.mutation(description="Give a key another secret. The earlier one is accepted for a while longer.")
    async def rotate_access_key(self, info: Info, id: Id, overlap: Overlap = "P7D") -> AccessKeyResult:
        """Rotate a key."""
        span = read_duration(overlap or "P7D")
        if span is None:
            raise InvalidInputError(f"`overlap` is an ISO 8601 duration, such as P7D or PT12H, not {overlap!r}.")
        shown = await managing.rotate_key(info.context.service.graph, str(id), overlap=span, by=info.context.principal)
        return AccessKeyResult(access_key=access_key_of(shown.key), secret=shown.secret)

    @strawberry.mutation(description="Revoke a key for good. Services refuse it within five seconds.")
    async def revoke_access_key(self, info: Info, id: Id) -> AccessKeyResult:
        """Revoke a key."""
        view = await managing.revoke_key(info.context.service.graph, str(id))
        return AccessKeyResult(access_key=access_key_of(view), secret=None)


def access_key_of(view: AccessKeyView) -> AccessKey:
    """Make a key of what is known of it."""
    return AccessKey(
        id=Id(view.id),
        name=view.name,
        scopes=in_order(view.scopes),
        created_at=DateTime(view.created_at),
        last_used_at=_moment(view.last_used_at),
        expires_at=_moment(view.expires_at),
        revoked_at=_moment(view.revoked_at),
        previous_until=_moment(view.previous_until),
    )


async def find_access_key(info: Info, id: str) -> AccessKey | None:
    """Find a key by its id."""
    views = await managing.list_keys(info.context.service.graph)
    return next((access_key_of(view) for view in views if view.id == id), None)


def _moment(instant: int | None) -> DateTime | None:
    return None if instant is None else DateTime(instant)
