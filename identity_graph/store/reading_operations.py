"""Reading what the operator of the service looks at: dead letters."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import Transaction, query


class DeadLetterRow(NamedTuple):
    """A message that could not be accepted; ``raw`` is the text as it came."""

    id: str
    code: str
    reason: str
    received_at: Instant
    source: str
    raw: str
    attempts: int
    last_error: str | None


class DeadLetterCountRow(NamedTuple):
    """How many dead letters there are."""

    dead_letters: int


@query("reading/page_dead_letters")
async def page_dead_letters(tx: Transaction, *, before: str, before_id: str, limit: int) -> list[DeadLetterRow]: ...


@query("reading/find_dead_letters")
async def find_dead_letters(tx: Transaction, *, ids: list[str]) -> list[DeadLetterRow]: ...


@query("reading/count_dead_letters")
async def count_dead_letters(tx: Transaction) -> list[DeadLetterCountRow]: ...
