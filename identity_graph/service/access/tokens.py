"""Tokens of an OpenID Connect provider: JWTs that are checked by the keys which it publishes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import jwt
import structlog
from anyio import to_thread
from jwt import PyJWK, PyJWKClient

from identity_graph.domain.access.claims import principal_of
from identity_graph.domain.access.keys import Refusal, parse_scopes
from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.errors import InvalidInputError, SettingsError
from identity_graph.settings import Settings

LONGEST_TOKEN = 16_000
"""Characters; nothing is read of a longer one."""

LEEWAY_SECONDS = 30
"""How far the clock of the provider may differ."""

_FRESH_SECONDS = 300.0
"""How long keys are used before they are fetched again: a key that the provider withdrew is refused after that."""

_RETRY_SECONDS = 10.0
"""How often keys are fetched at most, whatever key ids strangers make up."""

_KEPT_SECONDS = 3600.0
"""How long keys are used while the provider does not answer."""

_FETCH_SECONDS = 5.0

Fetch = Callable[[], Awaitable[Any]]
"""Fetches the key set of the provider, as JSON."""

_log = structlog.get_logger(__name__)


class TokenVerifier:
    """Tells who comes with a token. The algorithm is one of the settings, never one that only the token names."""

    def __init__(self, settings: Settings, mapping: Mapping[str, frozenset[Scope]], fetch: Fetch) -> None:
        self._settings = settings
        self._mapping = mapping
        self._fetch = fetch
        self._keys: dict[str | None, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def identify(self, token: str) -> Principal | Refusal:
        """Tell who comes with a token, or why it is refused."""
        if len(token) > LONGEST_TOKEN:
            return Refusal.FORGED
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            return Refusal.FORGED
        algorithm, id = header.get("alg"), header.get("kid")
        if algorithm not in self._settings.oidc_algorithms or not isinstance(id, str | None):
            return Refusal.FORGED
        key = await self._find_key(id)
        if isinstance(key, Refusal):
            return key
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.oidc_audience,
                issuer=self._settings.oidc_issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            return Refusal.EXPIRED
        except jwt.ImmatureSignatureError:
            return Refusal.EARLY
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            return Refusal.NOT_MEANT
        except (jwt.PyJWTError, ValueError, TypeError):
            return Refusal.FORGED
        return principal_of(
            claims,
            scopes_claim=self._settings.oidc_scopes_claim,
            name_claim=self._settings.oidc_name_claim,
            mapping=self._mapping,
        )

    async def _find_key(self, id: str | None) -> PyJWK | Refusal:
        now = monotonic()
        if (
            now - self._fetched_at >= _FRESH_SECONDS or id not in self._keys
        ) and now - self._tried_at >= _RETRY_SECONDS:
            await self._refresh()
        if monotonic() - self._fetched_at >= _KEPT_SECONDS:
            return Refusal.UNVERIFIABLE
        return self._keys.get(id, Refusal.FORGED)

    async def _refresh(self) -> None:
        tried_before = self._tried_at
        async with self._fetching:
            if self._tried_at != tried_before:
                return  # somebody else did meanwhile
            try:
                self._keys = _keys_of(await self._fetch(), self._settings.oidc_algorithms)
                self._fetched_at = monotonic()
            except Exception as error:  # noqa: BLE001 - whatever a provider answers, keys that are known go on
                _log.warning("the keys of the identity provider cannot be fetched", error=type(error).__name__)
            self._tried_at = monotonic()


def looks_like_token(credential: str) -> bool:
    """Tell whether something is of the form of a JWT: three parts between dots."""
    return credential.count(".") == 2


def find_verifier(settings: Settings) -> TokenVerifier | None:
    """Make what checks tokens by the settings; None when they name no provider.

    Raises:
        SettingsError: only some of what is needed is set, or a scope is none.
    """
    needed = {
        "IDENTITY_GRAPH_OIDC_ISSUER": settings.oidc_issuer,
        "IDENTITY_GRAPH_OIDC_AUDIENCE": settings.oidc_audience,
        "IDENTITY_GRAPH_OIDC_JWKS_URL": settings.oidc_jwks_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if len(missing) == len(needed):
        return None
    if missing or settings.oidc_jwks_url is None:
        raise SettingsError(f"Tokens need {', '.join(needed)}: set {' and '.join(missing)}, too.", settings=missing)
    try:
        mapping = {value: parse_scopes(names) for value, names in settings.oidc_scopes.items()}
    except InvalidInputError as error:
        raise SettingsError(f"IDENTITY_GRAPH_OIDC_SCOPES: {error.message}", settings=["oidc_scopes"]) from error
    client = PyJWKClient(settings.oidc_jwks_url, cache_jwk_set=False, timeout=_FETCH_SECONDS)
    return TokenVerifier(settings, mapping, lambda: to_thread.run_sync(client.fetch_data))


def _keys_of(found: Any, algorithms: tuple[str, ...]) -> dict[str | None, PyJWK]:
    """Read the public keys of a key set by id. Those for other uses, and secrets, which nobody should publish, are left out.

    Raises:
        Exception: it is no key set.
    """
    keys: dict[str | None, PyJWK] = {}
    for described in found["keys"]:
        if described.get("kty") == "oct" or described.get("use", "sig") != "sig":
            continue
        try:
            key = PyJWK(described)
        except jwt.PyJWTError:
            continue  # of a kind that is not known here
        if key.algorithm_name in algorithms:
            keys[key.key_id] = key
    return keys
