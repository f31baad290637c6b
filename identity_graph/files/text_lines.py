"""The lines of a text file in any encoding, with a way back for a reader that took too many."""

import codecs
import io
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Self

from identity_graph.files.records import INVALID_TEXT, TOO_LARGE, Rejection
from identity_graph.files.source_files import MAX_LINE, Line, SourceFile, has_carriage_returns_only, reading

_WIDE = ("utf-16", "utf-32")
_BYTE_ORDER_MARK = "\ufeff"
_REPLACED = "\ufffd"


class TextLine(NamedTuple):
    """A line with its number from 1; its text without its end, or why there is none."""

    number: int
    text: str | Rejection


class TextLines:
    """Gives line after line, each with a newline at its end, to a parser that takes what belongs to one record.

    An undecodable line ends the record before it.
    """

    def __init__(self, source: SourceFile, encoding: str) -> None:
        self._lines = _decode_wide(source, encoding) if encoding.startswith(_WIDE) else _decode(source, encoding)
        self._waiting: deque[TextLine] = deque()
        self._taken: list[TextLine] = []

    def begin_record(self) -> TextLine | None:
        """Look at the first line of the next record that is not empty; None at the end of the file."""
        self._taken = []
        while (line := self.peek()) is not None and isinstance(line.text, str) and not line.text.strip():
            self._waiting.popleft()
        return line

    def take(self) -> None:
        """Take the next line as it is."""
        self._taken.append(self._waiting.popleft())

    def give_back_all_but_first(self) -> None:
        """Undo what was taken for this record after its first line."""
        self._waiting.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def taken_text(self) -> str:
        """Give the lines of this record as they were."""
        return "\n".join(line.text for line in self._taken if isinstance(line.text, str))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self.peek()
        if line is None or isinstance(line.text, Rejection):
            raise StopIteration
        self.take()
        return line.text + "\n"

    def peek(self) -> TextLine | None:
        """Look at the next line; None at the end of the file."""
        if not self._waiting:
            line = next(self._lines, None)
            if line is None:
                return None
            self._waiting.append(line)
        return self._waiting[0]


def _decode(source: SourceFile, encoding: str) -> Iterator[TextLine]:
    """Decode line by line: in all these encodings the byte of a line feed is nothing else."""
    for line in source.lines():
        raw = line.content.decode(encoding, "backslashreplace")
        if line.is_cut:
            yield TextLine(line.number, Rejection(line.number, TOO_LARGE, f"The line is over {MAX_LINE} bytes.", raw))
            continue
        try:
            text = line.content.decode(encoding)
        except UnicodeDecodeError as error:
            reason = _explain_encoding(line, encoding, error)
            yield TextLine(line.number, Rejection(line.number, INVALID_TEXT, reason, raw))
        else:
            yield TextLine(line.number, text.removeprefix(_BYTE_ORDER_MARK) if line.number == 1 else text)


def _explain_encoding(line: Line, encoding: str, error: UnicodeDecodeError) -> str:
    if line.number == 1 and line.content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (
            f"The line is not {encoding} but UTF-16: set `encoding: utf-16` in the mapping, and `delimiter: tab` if it is "
            "Excel's `Unicode Text`."
        )
    return f"The line is not {encoding} (byte {error.start + 1}): set `encoding` in the mapping, e.g. gb18030."


def _decode_wide(source: SourceFile, encoding: str) -> Iterator[TextLine]:
    """Decode as a stream, since a line feed is two or four bytes; what cannot be decoded leaves a mark in its line."""
    with reading(source.name):
        is_cr = has_carriage_returns_only(source.peek().decode(encoding, "ignore"))
    stream = io.TextIOWrapper(source.stream, encoding=encoding, errors="replace", newline="\r" if is_cr else "\n")
    number = 0
    try:
        with reading(source.name):
            while text := stream.readline(MAX_LINE):
                number += 1
                text = text.rstrip("\r\n").removeprefix(_BYTE_ORDER_MARK if number == 1 else "")
                if _REPLACED in text:
                    reason = f"The line is not {encoding}: set `encoding` in the mapping, e.g. gb18030."
                    yield TextLine(number, Rejection(number, INVALID_TEXT, reason, text))
                else:
                    yield TextLine(number, text)
    finally:
        stream.detach()
