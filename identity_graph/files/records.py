"""What a reader makes of a file: records with messages, and rejections with the reason."""

from collections.abc import Sequence
from typing import NamedTuple

from identity_graph.domain.collecting.segment.messages import RejectionCode


class Record(NamedTuple):
    """A record of a file that could be read: its messages in Segment's format, usually one.

    ``line`` counts the lines of a text file and the rows of a Parquet file, from 1. ``ids`` are all message ids that the
    record can have, also of events that it has not, where changes of rows are followed. ``is_skipped`` says that the mapping leaves it out.
    """

    line: int
    messages: tuple[object, ...]
    ids: tuple[str, ...] = ()
    is_skipped: bool = False


class Row(NamedTuple):
    """A row of a table, not yet a message. ``number`` counts the rows under the header from 1, bad ones included."""

    line: int
    number: int
    cells: Sequence[object]


class Rejection(NamedTuple):
    """A record that could not be read, as text in ``raw``, with a code and a reason that says what to do."""

    line: int
    code: str
    reason: str
    raw: str


NOT_JSON = "not_json"
"""A line of NDJSON is not JSON."""
BROKEN_ROW = "broken_row"
"""A row of CSV breaks the rules of quoting, or has more or fewer fields than there are columns."""
INVALID_TEXT = RejectionCode.INVALID_TEXT.value
"""A line is not in the encoding that was named."""
INVALID_FIELD = RejectionCode.INVALID_FIELD.value
"""A cell cannot be read as what the mapping says."""
INVALID_TIMESTAMP = RejectionCode.INVALID_TIMESTAMP.value
"""A cell is no time of the format that the mapping says."""
NO_EVENT = "no_event"
"""A row fits none of the events of the mapping."""
TOO_LARGE = RejectionCode.MESSAGE_TOO_LARGE.value
"""A line is longer than anything that could be a message."""

FILE_CODES = frozenset({NOT_JSON, BROKEN_ROW, INVALID_TEXT, TOO_LARGE})
"""The codes that a file shows all over when it is not what it was taken for."""
