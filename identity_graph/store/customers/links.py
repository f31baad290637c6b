"""Reading links: those that hold a customer together, and those that were refused at its border."""

from identity_graph.domain.identity.read_models import LinkView, RefusedLinkView
from identity_graph.store.driver.query import ReadTransaction, query


@query("customers/list_links_of_customers")
async def list_links_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[LinkView]: ...


@query("customers/page_refused_links")
async def page_refused_links(
    tx: ReadTransaction, *, customer_ids: list[str], after_a: str, after_b: str, limit: int, max_identifiers: int
) -> list[RefusedLinkView]: ...
