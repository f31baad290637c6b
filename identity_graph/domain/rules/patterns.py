"""Regular expressions of rules, run by RE2: in time linear in the value, whatever the expression and whoever sends the value.

What RE2 does not know (look-ahead, look-behind, back-references) is refused where rules are checked or applied. A graph may
have been resolved under such an expression by an earlier version; then the rules must still be readable, and the expression
matches every value: it was written to keep values out, and a value too many that joins people is worse than one too few.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


class PatternError(ValueError):
    """A text is no regular expression of RE2. ``fragment`` is the part of it that is not, ``reason`` says why."""

    def __init__(self, reason: str, fragment: str) -> None:
        super().__init__(f"{reason}: {fragment}" if fragment else reason)
        self.reason = reason
        self.fragment = fragment


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression. One that is not ``supported`` matches every value."""

    pattern: str
    supported: bool = True
    _compiled: Any = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.supported:
            object.__setattr__(self, "_compiled", _compile(self.pattern))

    def matches(self, value: str) -> bool:
        """Whether the expression is found anywhere in a value."""
        if not self.supported:
            return True
        # Bytes, since the library would else translate positions back; a lone surrogate must not end in an error.
        return self._compiled.search(value.encode("utf-8", "surrogatepass")) is not None


def has_unsupported(patterns: Iterable[Pattern]) -> bool:
    """Whether an expression is among them that an earlier version knew, and that matches every value now."""
    return any(not pattern.supported for pattern in patterns)


def _compile(text: str) -> Any:
    """Compile an expression.

    Raises:
        PatternError: RE2 does not know it.
    """
    try:
        return re2.compile(text, _OPTIONS)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0]
        reason, _, fragment = (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)).partition(
            ": "
        )
        raise PatternError(reason, fragment) from error
