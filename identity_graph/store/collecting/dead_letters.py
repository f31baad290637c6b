"""Dead letters: messages that could not be accepted, kept as they came until a retry succeeds."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.collecting.read_models import DeadLetterView
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class NewDeadLetter(TypedDict):
    """A message to keep. ``raw`` is its JSON; ``type_hint`` what its path said; ``sent_at`` its batch's, as JSON.

    ``protocol`` is None for Segment's.
    """

    id: str
    code: str
    reason: str
    source: str
    raw: str
    type_hint: str | None
    sent_at: str | None
    protocol: str | None
    received_s: int
    received_ns: int


class FailedAttempt(TypedDict):
    """A dead letter that failed again, and why."""

    id: str
    last_error: str


class StoredDeadLetter(NamedTuple):
    """All that reading a message again takes."""

    id: str
    source: str
    raw: str
    type_hint: str | None
    sent_at: str | None
    protocol: str | None
    received_at: Instant


class DeadLetterCountRow(NamedTuple):
    """How many dead letters there are."""

    dead_letters: int


class CreatedRow(NamedTuple):
    """How many were new."""

    created: int


@query("collecting/create_dead_letters")
async def create_dead_letters(tx: WriteTransaction, *, rows: list[NewDeadLetter]) -> list[CreatedRow]: ...


@query("collecting/list_dead_letters")
async def list_dead_letters(tx: ReadTransaction, *, after: str, limit: int) -> list[StoredDeadLetter]: ...


@query("collecting/find_dead_letters")
async def find_dead_letters(tx: ReadTransaction, *, ids: list[str]) -> list[StoredDeadLetter]: ...


@query("collecting/delete_dead_letters")
async def delete_dead_letters(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("collecting/update_dead_letters")
async def update_dead_letters(tx: WriteTransaction, *, rows: list[FailedAttempt]) -> None: ...


@query("collecting/page_dead_letters")
async def page_dead_letters(
    tx: ReadTransaction, *, before: str, before_id: str, limit: int
) -> list[DeadLetterView]: ...


@query("collecting/list_shown_dead_letters")
async def list_shown_dead_letters(tx: ReadTransaction, *, ids: list[str]) -> list[DeadLetterView]: ...


@query("collecting/count_dead_letters")
async def count_dead_letters(tx: ReadTransaction) -> list[DeadLetterCountRow]: ...
