"""NDJSON: one message in Segment's format a line, or one batch of them."""

import codecs
from collections.abc import Iterator

from identity_graph.domain.values.json_reader import JsonError, messages_in, read_json
from identity_graph.errors import InvalidInputError
from identity_graph.files.records import INVALID_TEXT, NOT_JSON, TOO_LARGE, Record, Rejection
from identity_graph.files.source_files import MAX_LINE, Line, SourceFile


def read_ndjson(source: SourceFile, *, skip: int = 0) -> Iterator[Record | Rejection]:
    """Read the messages of a file, line by line, without ``skip`` lines at the start; empty lines are passed over.

    A line holds one message, an array of them, or ``{"batch": [messages]}``, as a request does.

    Raises:
        InvalidInputError: the file is no NDJSON at all, or cannot be read to its end.
    """
    for found in source.lines(skip=skip):
        line = _check_first(source.name, found) if found.number == 1 else found
        if line.content.strip():
            yield read_line(line)


def read_line(line: Line) -> Record | Rejection:
    """Read the messages of one line."""
    if line.is_cut:
        return Rejection(line.number, TOO_LARGE, f"The line is longer than {MAX_LINE} bytes.", _as_text(line.content))
    try:
        content = read_json(line.content)
    except JsonError as error:
        if not _is_text(line.content):
            return _reject_encoding(line)
        return Rejection(line.number, NOT_JSON, f"The line {error}.", line.content.decode())
    several = messages_in(content)
    if several is None:
        return Record(line.number, (content,)) if _is_text(line.content) else _reject_encoding(line)
    return Record(line.number, tuple(several))


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _reject_encoding(line: Line) -> Rejection:
    reason = "The line is not UTF-8: convert the file to UTF-8."
    return Rejection(line.number, INVALID_TEXT, reason, _as_text(line.content))


def _check_first(name: str, line: Line) -> Line:
    content = line.content.removeprefix(codecs.BOM_UTF8)
    text = content.strip()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidInputError(f"{name} is UTF-16; NDJSON is UTF-8: convert it, for example with iconv.", path=name)
    if text in {b"[", b"{"} or (text.startswith(b"[") and not text.endswith(b"]")):
        raise InvalidInputError(
            f"{name} is one JSON document; NDJSON has one message a line: convert it, for example with "
            f"`jq -c '.[]' {name}` for a list.",
            path=name,
        )
    return Line(line.number, content, line.is_cut)


def _as_text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")
