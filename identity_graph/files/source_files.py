"""Opening the files that come in: gzip by its first bytes, lines of a bounded length, errors that say what to do."""

import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from identity_graph.errors import InvalidInputError

MAX_LINE = 8 * 1024 * 1024
"""Bytes that one line may have: more than any batch that the collector takes."""

_KEPT_OF_LONG_LINE = 1024
_PEEKED = 8192
_GZIP_MAGIC = b"\x1f\x8b"
_PARQUET_MAGIC = b"PAR1"
_ZIP_MAGIC = b"PK\x03\x04"


class Line(NamedTuple):
    """A line without its end. ``is_cut`` says that it was too long and that ``content`` is only its beginning."""

    number: int
    content: bytes
    is_cut: bool = False


class SourceFile:
    """A file that is being read: ``stream`` gives its content, inflated when it was gzip."""

    def __init__(self, name: str, raw: BinaryIO, size: int | None, modified: float | None = None) -> None:
        """Look at the first bytes of ``raw``; ``size`` and ``modified`` (seconds) None: unknown, as for a pipe."""
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", raw))
        head = buffered.peek(4)[:4]
        self.name = name
        self.short_name = Path(name).name
        self.size = size
        self.modified = modified
        self.is_gzip = head[:2] == _GZIP_MAGIC
        self.is_zip = head == _ZIP_MAGIC
        self.is_parquet = head == _PARQUET_MAGIC
        self._raw = buffered
        self.stream: BinaryIO = cast("BinaryIO", gzip.GzipFile(fileobj=buffered) if self.is_gzip else buffered)

    def position(self) -> int:
        """Tell how many bytes of the file (not of what it inflates to) were read."""
        return self._raw.tell() if self._raw.seekable() else 0

    def lines(self, *, skip: int = 0) -> Iterator[Line]:
        """Read line by line, without ``skip`` lines at the start. The number of a line counts from 1.

        Raises:
            InvalidInputError: the file is a broken or shortened gzip; all whole lines before it were given.
        """
        number = 0
        with reading(self.name):
            stream: BinaryIO = self.stream
            if has_carriage_returns_only(self.peek().decode("latin-1")):
                stream = cast("BinaryIO", io.BufferedReader(_LineFeeds(stream)))
            while content := stream.readline(MAX_LINE + 1):
                number += 1
                is_cut = len(content) > MAX_LINE and not content.endswith(b"\n")
                if is_cut:
                    rest = content
                    while rest and not rest.endswith(b"\n"):
                        rest = stream.readline(MAX_LINE)
                    content = content[:_KEPT_OF_LONG_LINE]
                if number > skip:
                    yield Line(number, content.rstrip(b"\r\n") if not is_cut else content, is_cut)

    def peek(self) -> bytes:
        """Look at the first bytes of the content, some thousand of them, without reading on."""
        return cast("io.BufferedReader", self.stream).peek(_PEEKED)

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
        self._raw.close()


def has_carriage_returns_only(head: str) -> bool:
    """Tell by its beginning whether lines of a text end in CR alone, as Excel writes "CSV (Macintosh)"."""
    return "\n" not in head and "\r" in head[:-1]


class _LineFeeds(io.RawIOBase):
    """A stream in whose place of each CR there is a line feed."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        content = self._stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(content)] = content
        return len(content)


@contextmanager
def open_source(path: Path) -> Generator[SourceFile]:
    """Open a file to be read.

    Raises:
        InvalidInputError: it is missing, a folder, or must not be read.
    """
    with reading(str(path)):
        status = path.stat()
        source = SourceFile(str(path), path.open("rb"), status.st_size, status.st_mtime)
    try:
        yield source
    finally:
        source.close()


@contextmanager
def reading(name: str) -> Generator[None]:
    """Turn what can go wrong while a file is read into an error that says what to do."""
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidInputError(f"{name} does not exist: check the path.", path=name) from error
    except IsADirectoryError as error:
        raise InvalidInputError(
            f"{name} is a folder: name the files in it, such as {name}/*.ndjson.", path=name
        ) from error
    except PermissionError as error:
        raise InvalidInputError(f"{name} cannot be read by this user: change its permissions.", path=name) from error
    except EOFError as error:
        raise InvalidInputError(
            f"{name} ends in the middle of its gzip: copy or download it again. The lines before were read.", path=name
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InvalidInputError(f"{name} is a broken gzip ({error}): copy or download it again.", path=name) from error
    except OSError as error:
        raise InvalidInputError(f"{name} cannot be read: {error.strerror or error}.", path=name) from error
