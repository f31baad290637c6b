"""Reading all identifiers with their customers, page by page."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class ExportedIdentifier(NamedTuple):
    """An identifier and who it belongs to."""

    key: str
    namespace: str
    value: str
    customer_id: str
    first_seen: Instant
    last_seen: Instant
    customer_created_at: Instant


class IdentifierCount(NamedTuple):
    """How many identifiers there are."""

    identifiers: int


@query("customers/page_identifiers")
async def page_identifiers(tx: ReadTransaction, *, after: str, before: str, limit: int) -> list[ExportedIdentifier]: ...


@query("customers/count_identifiers")
async def count_identifiers(tx: ReadTransaction) -> list[IdentifierCount]: ...
