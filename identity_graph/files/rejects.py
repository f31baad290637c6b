"""The file of rejected records: one line of JSON for each, so that they can be mended and imported again."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from identity_graph.domain.values.json_reader import write_json
from identity_graph.errors import InvalidInputError
from identity_graph.files.private import open_private


class RejectsFile:
    """Writes rejected records. Nothing is written, and no file made, before the first one."""

    def __init__(self, path: Path, *, keep_bytes: int = 0) -> None:
        """Go on after the first ``keep_bytes`` of the file, which an import that was stopped had written."""
        self.path = path
        self._keep = keep_bytes
        self._file: BinaryIO | None = None

    def write(self, line: int, code: str, reason: str, *, raw: str | None = None, message: object = None) -> None:
        """Write one record: ``raw`` as it was when it could not be read, else the ``message`` that it held.

        Raises:
            InvalidInputError: the file cannot be written.
        """
        row = {"line": line, "code": code, "reason": reason}
        content = {"message": message} if raw is None else {"raw": raw}
        encoded = write_json(row | content).encode() + b"\n"
        try:
            if self._file is None:
                self._file = self._open()
            self._file.write(encoded)
        except OSError as error:
            raise InvalidInputError(
                f"{self.path} cannot be written ({error.strerror}): name another file for rejected records with --rejects.",
                path=str(self.path),
            ) from error

    def size(self) -> int:
        """Bring to the disk what was written and tell the size of the file in bytes."""
        if self._file is None:
            return self._keep
        self._file.flush()
        return self._file.tell()

    def close(self) -> None:
        """Close the file, if one was made."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> BinaryIO:
        if not self._keep or not self.path.exists():
            return open_private(self.path)
        file = self.path.open("r+b")
        file.truncate(min(self._keep, self.path.stat().st_size))
        file.seek(0, 2)
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
