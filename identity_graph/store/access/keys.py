"""Access keys: who may do what. The graph stores only their SHA-256."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class AccessKeyRow(NamedTuple):
    """A key; the hashes in hex, ``previous_sha256`` of the secret that it had before it was rotated."""

    id: str
    name: str
    scopes: list[str]
    sha256: str
    previous_sha256: str | None
    previous_until: Instant | None
    created_at: Instant
    last_used_at: Instant | None
    expires_at: Instant | None
    revoked_at: Instant | None


class RotatedRow(NamedTuple):
    """How many were rotated."""

    rotated: int


class RevokedRow(NamedTuple):
    """How many were revoked."""

    revoked: int


class LastUse(TypedDict):
    """When a key was last used."""

    id: str
    used_s: int
    used_ns: int


class SecretRow(NamedTuple):
    """A secret of the service, in base64."""

    secret: str


@query("access/list_access_keys")
async def list_access_keys(tx: ReadTransaction) -> list[AccessKeyRow]: ...


@query("access/create_access_key")
async def create_access_key(
    tx: WriteTransaction,
    *,
    id: str,
    open_name: str,
    name: str,
    scopes: list[str],
    sha256: str,
    created_s: int,
    created_ns: int,
    expires_s: int | None,
    expires_ns: int | None,
) -> None: ...


@query("access/rotate_access_key")
async def rotate_access_key(
    tx: WriteTransaction, *, id: str, sha256: str, until_s: int, until_ns: int
) -> list[RotatedRow]: ...


@query("access/revoke_access_key")
async def revoke_access_key(tx: WriteTransaction, *, id: str, at_s: int, at_ns: int) -> list[RevokedRow]: ...


@query("access/set_last_uses")
async def set_last_uses(tx: WriteTransaction, *, rows: list[LastUse]) -> None: ...


@query("access/save_secret")
async def save_secret(tx: WriteTransaction, *, name: str, secret: str) -> list[SecretRow]: ...
