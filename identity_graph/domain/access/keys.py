"""Access keys: what they are called, what they allow, and when they are refused."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.access.principals import Principal, Scope, in_order
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import ForbiddenError, InvalidInputError

LONGEST_NAME = 100

ONLY_WRITE = frozenset({Scope.WRITE})
"""The scopes of a key that names a source. The collector takes no other keys, since anybody can read those of web pages."""


class Refusal(StrEnum):
    """Why a key or a token is refused; the value completes "The key …"."""

    MISSING = "is missing"
    UNKNOWN = "is not known"
    REVOKED = "was revoked"
    EXPIRED = "has expired"
    EARLY = "is not valid yet"
    FORGED = "is not signed by the identity provider"
    NOT_MEANT = "is meant for another service"
    UNVERIFIABLE = "cannot be checked, since the identity provider does not answer"
    WITHOUT_SCOPES = "has no scope of this service"


class AccessKeyView(NamedTuple):
    """A key as a list shows it. ``previous_until``: until then the secret that it had before is good, too."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: Instant
    last_used_at: Instant | None
    expires_at: Instant | None
    revoked_at: Instant | None
    previous_until: Instant | None

    @property
    def is_source(self) -> bool:
        """Its name is a source of events."""
        return is_source(self.scopes)


def is_source(scopes: frozenset[Scope]) -> bool:
    """Tell whether a key with these scopes names a source."""
    return scopes == ONLY_WRITE


def open_name(name: str, scopes: frozenset[Scope]) -> str:
    """Give the name under which a key is known as long as it is not revoked: sources and clients have names of their own."""
    return f"{'source' if is_source(scopes) else 'client'}/{name}"


def judge_key(key: AccessKeyView, now: Instant) -> Refusal | None:
    """Tell why a key is refused at a moment; None when it is good."""
    if key.revoked_at is not None:
        return Refusal.REVOKED
    if key.expires_at is not None and key.expires_at <= now:
        return Refusal.EXPIRED
    return None


def check_name(name: str) -> None:
    """See that a name is one.

    Raises:
        InvalidInputError: it is empty, too long or cannot be printed.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"A key needs a name of 1 to {LONGEST_NAME} printable characters.")


def parse_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Read scopes by name, in any case.

    Raises:
        InvalidInputError: one is not known, or there is none.
    """
    scopes: set[Scope] = set()
    for name in names:
        try:
            scopes.add(Scope(name.strip().lower()))
        except ValueError:
            known = ", ".join(Scope)
            raise InvalidInputError(f"{name!r} is no scope; the scopes are {known}.", scope=name) from None
    if not scopes:
        raise InvalidInputError("A key needs at least one scope.")
    return frozenset(scopes)


def check_expiry(expires_at: Instant | None, now: Instant) -> None:
    """See that a key does not expire before it is used.

    Raises:
        InvalidInputError: it does.
    """
    if expires_at is not None and expires_at <= now:
        raise InvalidInputError("A key cannot expire in the past: give a later time, or none.")


def check_source(principal: Principal, source: str) -> None:
    """See that nobody speaks for a source that is not theirs: it takes the scope ``admin`` to name any other one.

    Raises:
        ForbiddenError: they do.
    """
    is_own = principal.kind == "key" and source == principal.name
    if Scope.ADMIN not in principal.scopes and not is_own:
        raise ForbiddenError(
            f"Observations of the source {source!r} need the key of this name, or the scope `admin`: you come as {principal.name!r}.",
            missing=[Scope.ADMIN.name],
        )


def check_grant(own: frozenset[Scope], given: frozenset[Scope]) -> None:
    """See that nobody gives away scopes that they do not have.

    Raises:
        ForbiddenError: they would.
    """
    missing = in_order(given - own)
    if missing:
        names = ", ".join(f"`{scope}`" for scope in missing)
        raise ForbiddenError(
            f"You can give only scopes that you have yourself; you do not have {names}.",
            missing=[scope.name for scope in missing],
        )
