"""Signatures and encryption of WeChat's and WeCom's pushes, as their manuals describe them."""

import base64
import binascii
import hmac
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from api.collector.errors import WrongSignatureError

_RANDOM = 16
_LENGTH = 4
_LARGEST_PAD = 32
_BLOCK = 16


def sign(token: str, *parts: str) -> str:
    """Sign what a request says: the SHA-1 of the token and the parts, sorted and joined."""
    return sha1("".join(sorted((token, *parts))).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def check_signature(given: str, token: str, *parts: str) -> None:
    """Check a signature.

    Raises:
        WrongSignatureError: it is missing, or another one.
    """
    if not hmac.compare_digest(given.encode(), sign(token, *parts).encode()):
        raise WrongSignatureError(
            "The signature is wrong: set the same token here and in the console of WeChat or WeCom."
        )


def unseal(sealed: str, aes_key: str, receiver: str) -> bytes:
    """Decrypt the base64 of a message: random bytes, its length, itself, and the receiver's id.

    Raises:
        WrongSignatureError: it was not sealed with this key, or for somebody else.
    """
    wrong = WrongSignatureError(
        "The message cannot be decrypted: set the same EncodingAESKey and id here and in the console of WeChat or WeCom."
    )
    try:
        content = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    if not content or len(content) % _BLOCK:
        raise wrong
    key = read_aes_key(aes_key)
    decryptor = Cipher(AES(key), CBC(key[:_BLOCK])).decryptor()
    plain = decryptor.update(content) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= _LARGEST_PAD or plain[-pad:] != bytes([pad]) * pad:
        raise wrong
    plain = plain[_RANDOM:-pad]
    size = int.from_bytes(plain[:_LENGTH], "big")
    message, sealed_for = plain[_LENGTH : _LENGTH + size], plain[_LENGTH + size :]
    if len(message) != size or not hmac.compare_digest(sealed_for, receiver.encode()):
        raise wrong
    return message


def read_aes_key(encoded: str) -> bytes:
    """Read an EncodingAESKey: 43 characters of base64, which are 32 bytes."""
    return base64.b64decode(f"{encoded}=")
