"""The fenced blocks of the documentation, in the order in which a reader meets them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8000"
"""Where the service of the documentation listens; in a test it is another port."""

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"<!-- file: (\S+) -->\n\s*$")
_ID = re.compile(r"\b(cus|evt|ses|dlq|chg|jdg)_[0-9a-f…]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``file`` is the name under which the page tells to save it."""

    page: str
    line: int
    language: str
    text: str
    file: str | None = None

    @property
    def place(self) -> str:
        """Where it is, as editors understand it."""
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """List all pages of the documentation, as paths from the root of the repository."""
    top = [path for path in ROOT.glob("*.md") if path.is_file()]
    return sorted(path.relative_to(ROOT).as_posix() for path in [*top, *(ROOT / "docs").rglob("*.md")])


def read_blocks(page: str) -> list[Block]:
    """Read the blocks of a page."""
    text = (ROOT / page).read_text("utf-8")
    blocks: list[Block] = []
    for match in _FENCE.finditer(text):
        named = _FILE.search(text, 0, match.start())
        indent = len(match[1])
        body = "".join(line[indent:] if line[:indent].isspace() else line for line in match[3].splitlines(True))
        line = text.count("\n", 0, match.start()) + 1
        blocks.append(Block(page, line, match[2], body, named[1] if named else None))
    assert text.count("```") == 2 * len(blocks), f"{page}: a fence is not closed, or nested"
    return blocks


def normalise(text: str) -> str:
    """Make the ids of a text equal, whatever they are, and keep their length."""
    return _ID.sub(lambda match: f"{match[1]}_".ljust(len(match[0]), "0"), text)


def fits(expected: str, actual: str) -> bool:
    """Whether an output is the one of the page, in which a line ``…`` stands for any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "…" else re.escape(line.rstrip()) + r"\n"
        for line in normalise(expected).splitlines()
    )
    said = "".join(f"{line.rstrip()}\n" for line in normalise(actual).splitlines())
    return re.fullmatch(pattern, said) is not None
