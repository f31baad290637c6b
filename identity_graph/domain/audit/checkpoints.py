"""Checkpoints: how long the log was and what its last hash was at a moment, signed with Ed25519.

A chain alone does not show that its end was cut off, or that all of it was written anew. A checkpoint that is kept somewhere else
does.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from identity_graph.domain.values.observations import Instant

_PREFIX = "audit1"
_FORM = re.compile(rf"{_PREFIX}:(\d{{1,18}}):([0-9a-f]{{64}}):(\d{{1,18}}):([\w-]{{43}}):([\w-]{{86}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log at a moment. ``key`` is the public key that signed it, and ``signature`` covers all else; both in base64url."""

    count: int
    root: str
    at: Instant
    key: str
    signature: str

    def __str__(self) -> str:
        """Write it as one word: ``audit1:<count>:<root>:<microseconds>:<public key>:<signature>``."""
        return f"{self.stated}:{self.signature}"

    @property
    def stated(self) -> str:
        """What is signed."""
        return f"{_PREFIX}:{self.count}:{self.root}:{self.at}:{self.key}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a checkpoint; None when the text is none."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            return None
        return cls(int(found[1]), found[2], int(found[3]), found[4], found[5])

    @classmethod
    def find_all(cls, text: str) -> list[Self]:
        """Find all checkpoints in a text, such as the log output of a service."""
        found = (cls.parse(match[0]) for match in _FORM.finditer(text))
        return [one for one in found if one is not None]

    @property
    def is_genuine(self) -> bool:
        """Whether the signature is one of its key. Whose key that is, is another question."""
        return is_signed(self.stated, self.key, self.signature)


class Signer:
    """Signs checkpoints with a key of 32 random bytes, which it also derives the key for hashes of identifiers from."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = _encode(self._key.public_key().public_bytes_raw())
        self.hash_key = sha256(b"identity-graph audit identifiers\0" + seed).digest()

    def sign(self, count: int, root: str, at: Instant) -> Checkpoint:
        """Make a checkpoint of a log."""
        unsigned = Checkpoint(count, root, at, self.public_key, "")
        return Checkpoint(count, root, at, self.public_key, self.sign_text(unsigned.stated))

    def sign_text(self, text: str) -> str:
        """Sign a text; texts of different kinds begin differently."""
        return _encode(self._key.sign(text.encode()))


def is_signed(text: str, key: str, signature: str) -> bool:
    """Tell whether a signature is one of a text by a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(_decode(key)).verify(_decode(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(text: str) -> bool:
    """Tell whether a text is a public key as checkpoints show it."""
    try:
        return len(_decode(text)) == 32 and len(text) == 43
    except ValueError:
        return False


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
