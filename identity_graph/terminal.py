r"""What reaches a terminal: text of strangers is shown as it is written, and never obeyed.

A trait, a name of an event or a file may hold escape sequences, marks that turn the direction of writing around, or square
brackets that Rich takes for its markup. All that commands show goes through here: what a terminal would act on is shown as
an escape such as ``\x1b``, and brackets and emoji codes stay what they are.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import orjson
from rich import console as rich_console
from rich import text as rich_text
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

from identity_graph.errors import IdentityGraphError

_JOINERS = "\u200c\u200d"  # they are part of how Persian, Hindi and emoji are written, and move nothing
_ACTED_ON = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_PLAIN = re.compile(r"[ -~]*")


def printable(text: str, *, but: str = "") -> str:
    """Write what a terminal acts on as visible escapes, apart from the characters in ``but``."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_escape(character) if _is_acted_on(character, but) else character for character in text)


def as_json(value: object, *, indent: bool = False) -> str:
    """Write JSON in which what a terminal acts on is escaped; whoever reads it gets the same value."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0).decode()
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_escape_json(one) if _is_acted_on(one, "\n") else one for one in text)


class Text(rich_text.Text):
    """A piece of text, which may be that of a stranger: one line, in which nothing is acted on."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:
        super().__init__(printable(text), *arguments, **options)

    def append(self, text: rich_text.Text | str, style: Any = None) -> "Text":
        """Add text, or styled text."""
        super().append(printable(text) if isinstance(text, str) else text, style)
        return self


class Console(rich_console.Console):
    """A console that takes text for text: without markup, emoji codes and colours by guess, unless it is told so."""

    def __init__(self, *, markup: bool = False, emoji: bool = False, highlight: bool = False, **options: Any) -> None:
        super().__init__(markup=markup, emoji=emoji, highlight=highlight, **options)

    def render_str(self, text: str, **options: Any) -> rich_text.Text:
        """Make text of a string, of several lines perhaps."""
        return super().render_str(printable(text, but="\n"), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render anything; whatever came here on another way is made printable, too."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text, but="\n"), segment.style)


def print_error(error: IdentityGraphError) -> None:
    """Print an error to standard error: its code, and its message as it is written, square brackets and all."""
    Console(stderr=True, markup=True).print(f"[bold red]Error[/] [dim]{error.code}[/]: ", end="")
    Console(stderr=True).print(error.message, soft_wrap=True)


def _is_acted_on(character: str, but: str) -> bool:
    return unicodedata.category(character) in _ACTED_ON and character not in _JOINERS and character not in but


def _escape(character: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character) or ascii(character)[1:-1]


def _escape_json(character: str) -> str:
    """Escape as JSON does: in pairs beyond the basic plane."""
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
