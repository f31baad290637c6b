"""CSV: text to rows of cells, record by record, so that one bad row spoils no other."""

import csv
import re
from collections.abc import Iterator

from identity_graph.errors import InvalidInputError
from identity_graph.files.mapping import TableFormat
from identity_graph.files.records import BROKEN_ROW, Rejection, Row
from identity_graph.files.source_files import SourceFile
from identity_graph.files.text_lines import TextLines

_SEPARATOR = re.compile(r'"?sep=([^\r\n])"?[,;\t]*', re.IGNORECASE)
"""A first line that tells Excel the delimiter of the file."""


class CsvTable:
    """A CSV file that was read up to its header: ``columns`` are the names, ``rows`` gives the rest."""

    def __init__(self, source: SourceFile, table: TableFormat) -> None:
        """Read the header.

        Raises:
            InvalidInputError: there is no header, or it does not fit the names that were given.
        """
        self._name = source.name
        self._table = table
        self._lines = TextLines(source, table.encoding)
        for _ in range(table.skip_lines):
            if self._lines.peek() is not None:
                self._lines.take()
        self._delimiter = self._read_own_delimiter() or table.delimiter
        self.columns = self._read_header() if table.header else list(table.columns)

    def rows(self, *, skip: int = 0) -> Iterator[Row | Rejection]:
        """Read the rows, without ``skip`` rows at the start; empty lines are passed over."""
        width = len(self.columns)
        number = 0
        while (found := self._next_record()) is not None:
            number += 1
            if number <= skip:
                continue
            if isinstance(found, Rejection):
                yield found
                continue
            line, cells = found
            if len(cells) < width and self._table.short_rows:
                cells += [""] * (width - len(cells))
            if len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
                yield Row(line, number, cells[:width])
            else:
                yield Rejection(line, BROKEN_ROW, _explain_width(len(cells), width), self._lines.taken_text())

    def _read_own_delimiter(self) -> str | None:
        """Read the line ``sep=;`` that tells Excel the delimiter; None when the file has none."""
        first = self._lines.peek()
        found = _SEPARATOR.fullmatch(first.text) if first is not None and isinstance(first.text, str) else None
        if found is None:
            return None
        self._lines.take()
        return found[1]

    def _read_header(self) -> list[str]:
        found = self._next_record()
        if found is None:
            raise InvalidInputError(f"{self._name} has no header line: there is nothing to import.", path=self._name)
        if isinstance(found, Rejection):
            raise InvalidInputError(f"{self._name}:{found.line}: in the header: {found.reason}", path=self._name)
        line, cells = found
        names = [cell.strip() for cell in cells]
        renamed = list(self._table.columns)
        if renamed and len(names) != len(renamed):
            raise InvalidInputError(
                f"{self._name}:{line}: the header has {len(names)} columns, and `columns` in the mapping names "
                f"{len(renamed)}: name all of them, in their order.",
                path=self._name,
            )
        return renamed or names

    def _next_record(self) -> tuple[int, list[str]] | Rejection | None:
        """Read one record. One that breaks the rules of quoting is one line long: the next begins right after it."""
        first = self._lines.begin_record()
        if first is None:
            return None
        if isinstance(first.text, Rejection):
            self._lines.take()
            return first.text
        if self._delimiter is None:
            self._lines.take()
            return first.number, first.text.split()
        try:
            return first.number, next(self._parser(self._delimiter))
        except csv.Error as error:
            self._lines.give_back_all_but_first()
            reason = f"The quoting of the row is wrong: {_explain(str(error))}"
            return Rejection(first.number, BROKEN_ROW, reason, self._lines.taken_text())

    def _parser(self, delimiter: str) -> Iterator[list[str]]:
        return csv.reader(
            self._lines,
            delimiter=delimiter,
            quotechar=self._table.quote,
            quoting=csv.QUOTE_NONE if self._table.quote is None else csv.QUOTE_MINIMAL,
            escapechar=self._table.escape,
            strict=True,
        )


def _explain_width(fields: int, columns: int) -> str:
    """Say why a row does not fit, and what to do."""
    start = f"The row has {fields} {'field' if fields == 1 else 'fields'} and the file {columns} columns: "
    if fields < columns:
        return (
            f"{start}check its delimiters and quotes. If empty cells at the end of rows were left out, as Excel does, set "
            "`short_rows: true` in the mapping."
        )
    return f"{start}check its delimiters and quotes."


def _explain(error: str) -> str:
    """Say in our words what the parser of Python found, and what to do."""
    if "expected after" in error:
        return "a quoted field is not followed by a delimiter. Write a quote inside a quoted field twice."
    if "new-line" in error:
        return "there is a carriage return in a field without quotes. Put the field in quotes."
    if "field limit" in error:
        return "a field has more than 131,072 characters. Close the quote, or set `quote: none` in the mapping."
    return "a quote is not closed. Write a quote inside a quoted field twice, or set `quote: none` in the mapping."
