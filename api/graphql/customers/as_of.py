"""Time travel: customers as they were at an earlier moment.

What was known then is whose an identifier was, and when its customer was made. When something was first and last seen is
not: the graph keeps the first and the last of all that has come in since, read under the rules of today.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from strawberry.extensions import FieldExtension

from api.graphql.base.context import Info
from identity_graph.errors import IdentityGraphError


class AsOfUnsupportedError(IdentityGraphError):
    """As it was, a customer or an identifier was asked for what is known as it is now only."""

    code = "AS_OF_UNSUPPORTED"

    def __init__(self, field: str) -> None:
        super().__init__(f"With `asOf`, `{field}` is not available: it is only known as of now.", field=field)


class KnownNow:
    """An attribute that something of an earlier moment does not have; reading it fails."""

    def __init__(self, field: str) -> None:
        self._field = field

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return self
        raise AsOfUnsupportedError(self._field)


class OnlyNow(FieldExtension):
    """Lets a field fail for an object of an earlier moment; such an object says so in ``as_of``."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        """Resolve a field of an object of now."""
        _check(source, info)
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any) -> Any:
        """Resolve a field of an object of now."""
        _check(source, info)
        return await next_(source, info, **kwargs)


def _check(source: Any, info: Info) -> None:
    if source.as_of is not None:
        raise AsOfUnsupportedError(info.field_name)
