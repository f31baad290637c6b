import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.errors import SettingsError
from identity_graph.service.access import tokens
from identity_graph.service.access.tokens import TokenVerifier, find_verifier, looks_like_token
from identity_graph.settings import Settings
from tests.worlds.tokens import AUDIENCE, EC_KEY, ISSUER, bad_tokens, claims, published, sign


def settings_with(**other: Any) -> Settings:
    needed: dict[str, Any] = {
        "oidc_issuer": ISSUER,
        "oidc_audience": AUDIENCE,
        "oidc_jwks_url": "http://127.0.0.1:9/keys",
    }
    return Settings(**(needed | other))


class Provider:
    """What the provider publishes, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Any = published()

    async def fetch(self) -> Any:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def verifier(provider: Provider) -> TokenVerifier:
    return TokenVerifier(settings_with(), {"support": frozenset({Scope.READ, Scope.PII})}, provider.fetch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(tokens, "monotonic", lambda: now[0])
    return now


async def test_a_good_token_names_who_comes_and_their_scopes(verifier: TokenVerifier, provider: Provider) -> None:
    read = frozenset({Scope.READ})
    assert await verifier.identify(sign(claims())) == Principal("ann", "token", read)
    assert await verifier.identify(sign(claims(), key=EC_KEY, algorithm="ES256", kid="ec")) == Principal(
        "ann", "token", read
    )
    told = claims(scope=["support"], aud=["another", AUDIENCE])
    assert await verifier.identify(sign(told)) == Principal("ann", "token", frozenset({Scope.READ, Scope.PII}))
    assert provider.asked == 1


@pytest.mark.parametrize("what", bad_tokens())
async def test_a_bad_token_is_refused(verifier: TokenVerifier, what: str) -> None:
    refusal = await verifier.identify(bad_tokens()[what])

    expected = {
        "expired": Refusal.EXPIRED,
        "not yet valid": Refusal.EARLY,
        "for another audience": Refusal.NOT_MEANT,
        "of another issuer": Refusal.NOT_MEANT,
        "without a scope": Refusal.WITHOUT_SCOPES,
    }
    assert refusal is expected.get(what, Refusal.FORGED)


async def test_a_key_that_the_provider_withdrew_is_refused_after_a_while(
    verifier: TokenVerifier, provider: Provider, clock: list[float]
) -> None:
    token = sign(claims())
    assert isinstance(await verifier.identify(token), Principal)
    provider.answer = {"keys": []}
    clock[0] += 299
    assert isinstance(await verifier.identify(token), Principal)
    clock[0] += 1
    assert await verifier.identify(token) is Refusal.FORGED


async def test_a_new_key_counts_at_once_and_made_up_key_ids_fetch_seldom(
    verifier: TokenVerifier, provider: Provider, clock: list[float]
) -> None:
    provider.answer = {"keys": []}
    for _ in range(100):
        assert await verifier.identify(sign(claims())) is Refusal.FORGED
    assert provider.asked == 1
    provider.answer = published()
    clock[0] += 10
    assert isinstance(await verifier.identify(sign(claims())), Principal)


async def test_while_the_provider_is_away_known_keys_go_on_for_an_hour(
    verifier: TokenVerifier, provider: Provider, clock: list[float]
) -> None:
    token = sign(claims())
    assert isinstance(await verifier.identify(token), Principal)
    provider.answer = OSError("away")
    clock[0] += 3599
    assert isinstance(await verifier.identify(token), Principal)
    clock[0] += 10
    assert await verifier.identify(token) is Refusal.UNVERIFIABLE


@pytest.mark.parametrize("answer", [OSError("away"), {"no": "keys"}, {"keys": [7]}, None])
async def test_without_keys_no_token_is_accepted(verifier: TokenVerifier, provider: Provider, answer: Any) -> None:
    provider.answer = answer
    assert await verifier.identify(sign(claims())) is Refusal.UNVERIFIABLE


def test_only_three_parts_are_a_token() -> None:
    assert looks_like_token(sign(claims()))
    assert not looks_like_token("write_abc")


def test_settings_name_a_provider_as_a_whole_or_not_at_all() -> None:
    assert find_verifier(Settings()) is None
    with pytest.raises(SettingsError, match="set IDENTITY_GRAPH_OIDC_AUDIENCE, too"):
        find_verifier(settings_with(oidc_audience=None))
    with pytest.raises(SettingsError, match="'god' is no scope"):
        find_verifier(settings_with(oidc_scopes={"support": ["god"]}))
    for wrong in (
        {"oidc_algorithms": "HS256"},
        {"oidc_algorithms": "none"},
        {"oidc_algorithms": ""},
        {"oidc_jwks_url": "file:///etc/passwd"},
    ):
        with pytest.raises(ValueError, match="oidc"):
            settings_with(**wrong)
    assert settings_with(oidc_algorithms="RS256, EdDSA").oidc_algorithms == ("RS256", "EdDSA")


async def test_keys_are_fetched_from_the_address_of_the_settings() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(published()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/keys"
        verifier = find_verifier(settings_with(oidc_jwks_url=url, oidc_scopes={"support": ["READ"]}))
        assert verifier is not None
        found = await verifier.identify(sign(claims(scope="support")))
        server.shutdown()
    assert found == Principal("ann", "token", frozenset({Scope.READ}))
