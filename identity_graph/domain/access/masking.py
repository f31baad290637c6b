"""What is shown of people to those without the scope ``pii``: no values, no ids that hold values, no small counts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from identity_graph.domain.access.principals import Principal

HIDDEN = "•••"
"""What is shown in place of a value."""

SMALLEST_COUNT = 10
"""Smaller counts of people are told as this number: it stands for so many or fewer."""


class HasValue(Protocol):
    """A row with an identifier's value."""

    @property
    def value(self) -> str:
        """The value."""
        ...

    def _replace(self, **fields: str) -> "HasValue":
        """Make the same row with another value."""
        ...


Row = TypeVar("Row", bound=HasValue)


class Sealer:
    """Seals texts so that the same text always looks the same, and only the service can read it."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(secret)

    def seal(self, text: str) -> str:
        """Seal a text, which is not empty."""
        return urlsafe_b64encode(self._cipher.encrypt(text.encode(), None)).decode().rstrip("=")

    def unseal(self, sealed: str) -> str | None:
        """Read a sealed text; None when nobody sealed it with this secret."""
        try:
            sealed_bytes = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._cipher.decrypt(sealed_bytes, None).decode()
        except (ValueError, InvalidTag):
            return None


@dataclass(frozen=True, slots=True)
class Mask:
    """How somebody sees people: whole, or without personal values."""

    hides: bool

    @classmethod
    def of(cls, principal: Principal) -> "Mask":
        """Choose what somebody sees."""
        return cls(hides=not principal.sees_personal_data)

    def rows(self, rows: list[Row]) -> list[Row]:
        """Show identifiers: their keys are for the service only, their values are not shown where they are hidden."""
        return [row._replace(value=HIDDEN) for row in rows] if self.hides else rows  # pyright: ignore[reportReturnType]

    def value(self, value: str) -> str:
        """Show a value."""
        return HIDDEN if self.hides else value

    def count(self, count: int) -> int:
        """Show a count of people."""
        return max(count, SMALLEST_COUNT) if self.hides else count


OPEN = Mask(hides=False)
"""Everything as it is: for commands, and for the service itself."""
