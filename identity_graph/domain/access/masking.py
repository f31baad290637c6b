"""What is shown of people to those without the scope ``pii``: no values, no ids that hold values, no small counts."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from identity_graph.domain.access.principals import Principal

HIDDEN = "•••"
"""What is shown in place of a value."""

_HIDDEN_JSON = f'"{HIDDEN}"'

_LONG = 1_000_000
"""A number from here on may be one by which somebody is known."""

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

    def json(self, value: str) -> str:
        """Show a value that is JSON; null, which says that there is none, stays."""
        return _HIDDEN_JSON if self.hides and value != "null" else value

    def texts(self, value: str) -> str:
        """Show JSON without its texts and its long numbers, which may be ids: ratings stay."""
        return json.dumps(_without_texts(json.loads(value)), ensure_ascii=False) if self.hides else value

    def count(self, count: int) -> int:
        """Show a count of people."""
        return max(count, SMALLEST_COUNT) if self.hides else count

    def tells(self, count: int) -> bool:
        """Tell whether a count is shown as it is. A row of a statistic that counts fewer people is left out."""
        return not self.hides or count >= SMALLEST_COUNT

    def share(self, part: int, whole: int) -> float:
        """Show the share of a count, such that it does not tell the count."""
        return min(1.0, self.count(part) / self.count(whole)) if self.count(whole) else 0.0


def _without_texts(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _without_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_texts(inner) for inner in value]
    if isinstance(value, str) or (isinstance(value, int | float) and abs(value) >= _LONG):
        return HIDDEN
    return value


OPEN = Mask(hides=False)
"""Everything as it is: for commands, and for the service itself."""
