"""Secrets of destinations: what they look like, and which ones sign at a moment."""

import base64
import binascii
from collections.abc import Sequence

from identity_graph.domain.values.observations import Instant

PREFIX = "whsec_"
MASKED = f"{PREFIX}…"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, by Standard Webhooks."""

OVERLAP: Instant = 24 * 3_600_000_000
"""For so long a secret that was rotated out still signs, beside the new one."""


def make_secret(random: bytes) -> str:
    """Write random bytes as a secret."""
    return PREFIX + base64.b64encode(random).decode()


def is_secret(text: str) -> bool:
    """Tell whether a text is a secret: ``whsec_`` and 24 to 64 bytes in base64."""
    if not text.startswith(PREFIX):
        return False
    try:
        decoded = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        return False
    return SHORTEST <= len(decoded) <= LONGEST


def rotate(
    secret: str, former: Sequence[tuple[str, Instant]], new: str, now: Instant
) -> tuple[str, list[tuple[str, Instant]]]:
    """Put a new secret in the place of one, which signs for a while yet, as those do that went before it."""
    if new == secret:
        return secret, list(former)
    kept = [(text, until) for text, until in former if until > now and text not in (secret, new)]
    return new, [(secret, now + OVERLAP), *kept]


def signing_secrets(secret: str, former: Sequence[tuple[str, Instant]], now: Instant) -> list[str]:
    """List the secrets that sign at a moment, the current one first."""
    return [secret, *(text for text, until in former if until > now)]
