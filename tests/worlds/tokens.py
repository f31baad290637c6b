"""An identity provider of the tests: keys, the set of those that it publishes, and tokens signed by them."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://login.example", "identity-graph"

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)

PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def published() -> dict[str, Any]:
    """Give the key set."""
    return {
        "keys": [
            RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "rsa", "use": "sig", "alg": "RS256"},
            ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "ec"},
            RSAAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True) | {"kid": "for encryption", "use": "enc"},
            {"kty": "oct", "kid": "secret", "k": base64.urlsafe_b64encode(b"secret" * 8).decode(), "alg": "HS256"},
            {"kty": "unheard of", "kid": "new"},
        ]
    }


def claims(**other: Any) -> dict[str, Any]:
    """Give the claims of a good token, with some that differ; None leaves one out."""
    now = int(time.time())
    told = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 600, "scope": "identity-graph:read"}
    return {name: value for name, value in (told | other).items() if value is not None}


def sign(told: dict[str, Any], *, key: Any = RSA_KEY, algorithm: str = "RS256", kid: str | None = "rsa") -> str:
    """Sign a token."""
    return jwt.encode(told, key, algorithm=algorithm, headers={} if kid is None else {"kid": kid})


def forge(header: dict[str, Any], told: dict[str, Any], secret: bytes | None = None) -> str:
    """Put a token together by hand: with ``secret`` signed by HMAC, else with an empty signature."""
    parts = [_encode(json.dumps(header).encode()), _encode(json.dumps(told).encode())]
    signed = ".".join(parts).encode()
    signature = b"" if secret is None else hmac.new(secret, signed, hashlib.sha256).digest()
    return ".".join([*parts, _encode(signature)])


def bad_tokens() -> dict[str, str]:
    """Give tokens that must not be accepted, by what is wrong with them."""
    good = sign(claims())
    head, body, signature = good.split(".")
    admin = _encode(json.dumps(claims(scope="identity-graph:admin")).encode())
    return {
        "expired": sign(claims(exp=int(time.time()) - 60)),
        "not yet valid": sign(claims(nbf=int(time.time()) + 600)),
        "without an expiry": sign(claims(exp=None)),
        "for another audience": sign(claims(aud="another")),
        "without an audience": sign(claims(aud=None)),
        "of another issuer": sign(claims(iss="https://evil.example")),
        "without an issuer": sign(claims(iss=None)),
        "without a scope": sign(claims(scope="openid")),
        "without a name": sign(claims(sub=None)),
        "signed by a stranger": sign(claims(), key=STRANGER),
        "signed by a key for encryption": sign(claims(), key=STRANGER, kid="for encryption"),
        "of an unknown key": sign(claims(), kid="unknown"),
        "without a key id": sign(claims(), kid=None),
        "with another body": ".".join([head, admin, signature]),
        "with a changed signature": ".".join([head, body, signature[:-8] + "AAAAAAAA"]),
        "alg none": forge({"alg": "none", "typ": "JWT", "kid": "rsa"}, claims()),
        "alg None": forge({"alg": "None", "kid": "rsa"}, claims()),
        "alg nOnE": forge({"alg": "nOnE", "kid": "rsa"}, claims()),
        "without an algorithm": forge({"kid": "rsa"}, claims()),
        "HS256 by the public key": forge({"alg": "HS256", "kid": "rsa"}, claims(), PUBLIC_PEM),
        "HS256 by a published secret": forge({"alg": "HS256", "kid": "secret"}, claims(), b"secret" * 8),
        "RS256 that is HMAC": forge({"alg": "RS256", "kid": "rsa"}, claims(), PUBLIC_PEM),
        "ES256 by an RSA key": forge({"alg": "ES256", "kid": "rsa"}, claims(), PUBLIC_PEM),
        "an algorithm that is not chosen": sign(claims(), algorithm="RS512"),
        "a key id that is no text": forge({"alg": "RS256", "kid": 7}, claims()),
        "its own key": forge({"alg": "RS256", "jwk": published()["keys"][2]}, claims()),
        "too long": good + "A" * 20_000,
        "no base64": "a.b.c",
        "empty parts": "..",
    }


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
