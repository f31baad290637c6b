"""Reading the customers that are evaluated: each once, and of its facts what the rules concerned look at."""

from collections.abc import Sequence
from typing import NamedTuple

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Instant
from identity_graph.service.segments.sheets import read_sheets
from identity_graph.store.driver.graph import Graph
from identity_graph.store.segments import subjects as store
from identity_graph.store.segments.subjects import Subject


class Read(NamedTuple):
    """A customer as read: with the mark that it had before its facts were read.

    The sheet is None for one that is no more, or is restricted.
    """

    subject: Subject
    sheet: FactSheet | None


async def read_subjects(
    graph: Graph, customer_ids: Sequence[str], needs: Inputs, terms: Terms, now: Instant
) -> dict[str, Read]:
    """Read customers by their ids; those that never were are left out.

    Marks are read first, in a transaction of their own: what changes after that shows in another mark.
    """
    ids = list(dict.fromkeys(customer_ids))
    found = {row.customer_id: row for row in await graph.read(lambda tx: store.find_subjects(tx, customer_ids=ids))}
    living = [id for id, row in found.items() if not (row.is_former or row.is_restricted)]
    sheets = await graph.read(lambda tx: read_sheets(tx, living, needs, terms, now)) if living else []
    by_id = dict(zip(living, sheets, strict=True))
    return {id: Read(row, by_id.get(id)) for id, row in found.items()}
