"""Running compiled rules: how many customers they hold for, and who these are, page by page.

Each query says who is in for sure. The others are for the evaluator.
"""

from typing import Any, NamedTuple

from identity_graph.domain.identity.read_models import ListedCustomer
from identity_graph.store.driver.instants import read_instant
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments.compiling import Compiled
from identity_graph.store.segments.compiling_bounds import FALSE, Parameters, both, no

_LIVING = "NOT c:Former AND NOT c:Restricted"
_BY_TIME = ("last_seen", "first_seen", "created_at")


class Candidate(NamedTuple):
    """A customer that may be in, and whether it is for sure."""

    customer: ListedCustomer
    sure: bool


async def count_sure(tx: ReadTransaction, compiled: Compiled) -> int:
    """Count the customers that a rule holds for, as far as Cypher decides."""
    return await _count(tx, compiled, compiled.bounds.lower)


async def count_unsure(tx: ReadTransaction, compiled: Compiled) -> int:
    """Count the customers of whom Cypher cannot tell."""
    return await _count(tx, compiled, _unsure(compiled))


async def page_sure_ids(tx: ReadTransaction, compiled: Compiled, *, after: str, limit: int) -> list[str]:
    """List ids of customers that a rule holds for, as far as Cypher decides, in their order after one."""
    return await _page_ids(tx, compiled, compiled.bounds.lower, after, limit)


async def page_unsure_ids(tx: ReadTransaction, compiled: Compiled, *, after: str, limit: int) -> list[str]:
    """List ids of customers of whom Cypher cannot tell, in their order after one."""
    return await _page_ids(tx, compiled, _unsure(compiled), after, limit)


async def page_candidates(
    tx: ReadTransaction, compiled: Compiled, *, order: str, before: int, before_id: str, limit: int
) -> list[Candidate]:
    """List customers that a rule may hold for, the greatest in the order first, after a position.

    ``order`` is a field of ``ListedCustomer``: a time, or ``size``.

    Raises:
        ValueError: customers are not listed by this.
    """
    given = Parameters()
    if order in _BY_TIME:
        place = given.moment(before)
    elif order == "size":
        place = given(before)
    else:
        raise ValueError(f"customers are not listed by {order!r}")
    names = {f"before{name[1:]}": value for name, value in given.values.items()}
    place = f"$before{place[2:]}"
    upper, lower = compiled.bounds
    if upper == FALSE:
        return []
    index = "USING INDEX SEEK c:Customer(size, id)" if order == "size" else f"USING INDEX SEEK c:Customer({order})"
    # Two parts, so that each walks the index: what is left of the tie at the position, then all that comes after it.
    text = f"""
        CALL () {{
          MATCH (c:Customer) {index}
          WHERE {both(f"c.{order} = {place}", "c.id < $before_id", _LIVING, upper)}
          RETURN c ORDER BY c.id DESC LIMIT $limit
          UNION ALL
          MATCH (c:Customer) {index}
          WHERE {both(f"c.{order} < {place}", "c.id IS NOT NULL", _LIVING, upper)}
          RETURN c ORDER BY c.{order} DESC, c.id DESC LIMIT $limit
        }}
        WITH c ORDER BY c.{order} DESC, c.id DESC LIMIT $limit
        RETURN c.id, {", ".join(read_instant(f"c.{name}") for name in ("created_at", "first_seen", "last_seen"))},
          c.size, {"true" if compiled.is_exact else lower} AS sure
        ORDER BY c.{order} DESC, c.id DESC
    """
    rows = await _run(tx, text, compiled, {**names, "before_id": before_id, "limit": limit})
    return [Candidate(ListedCustomer(*row[:-1]), row[-1]) for row in rows]


def _unsure(compiled: Compiled) -> str:
    upper, lower = compiled.bounds
    return FALSE if compiled.is_exact else both(upper, no(lower))


async def _count(tx: ReadTransaction, compiled: Compiled, wanted: str) -> int:
    if wanted == FALSE:
        return 0
    text = f"MATCH (c:Customer) WHERE {both(_LIVING, wanted)} RETURN count(*) AS customers"
    ((customers,),) = await _run(tx, text, compiled, {})
    return customers


async def _page_ids(tx: ReadTransaction, compiled: Compiled, wanted: str, after: str, limit: int) -> list[str]:
    if wanted == FALSE:
        return []
    text = f"""
        MATCH (c:Customer) USING INDEX SEEK c:Customer(id)
        WHERE {both("c.id > $after", _LIVING, wanted)}
        WITH c ORDER BY c.id LIMIT $limit
        RETURN collect(c.id) AS ids
    """
    ((ids,),) = await _run(tx, text, compiled, {"after": after, "limit": limit})
    return ids


async def _run(tx: ReadTransaction, text: str, compiled: Compiled, more: dict[str, Any]) -> list[list[Any]]:
    result = await tx.run(text, {**compiled.parameters, **more})  # pyright: ignore[reportArgumentType]
    return await result.values()
