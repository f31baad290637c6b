"""Whether the database answers."""

from typing import NamedTuple

from identity_graph.store.query import Transaction, query


class AnswerRow(NamedTuple):
    """An answer."""

    answer: int


@query("health/check_answer")
async def check_answer(tx: Transaction) -> list[AnswerRow]: ...
