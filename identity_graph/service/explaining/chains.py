"""Chains: how two customers would be connected if nothing were refused.

From both sides at once, customer by customer over refused links (and judgements that could not join), within bounds.
"""

from dataclasses import dataclass

from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.identity.read_models import ActiveJudgement
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair, pair_of
from identity_graph.store.corrections import judgements as judgement_store
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.explaining import parts as store
from identity_graph.store.explaining.parts import WayOutRow

MAX_HOPS = 6
"""Refused links that a chain may have."""

MAX_CUSTOMERS = 1_000
"""Customers that are looked at."""

_FRONT = 200
_LINKS = 100
"""Links that are followed of each customer: those without a quarantined end first, then the newest."""

BOUND = f"over at most {MAX_HOPS} refused links, among the {MAX_CUSTOMERS} customers around them"


@dataclass(frozen=True, slots=True)
class Hop:
    """A way from one customer to another: a refused link, or a judgement that another one outranks."""

    source: str
    key: str
    other_key: str
    target: str
    link: WayOutRow | None
    judgement: ActiveJudgement | None = None

    @property
    def pair(self) -> Pair:
        """The two keys, the smaller one first."""
        return pair_of(self.key, self.other_key)

    @property
    def order(self) -> tuple[bool, Instant, str, str]:
        """Sorts hops, the best first."""
        quarantined, seen = (False, 0) if self.link is None else (self.link.is_quarantined, self.link.last_seen)
        return quarantined, -seen, self.key, self.other_key

    def turned(self) -> "Hop":
        """Give the same hop, walked the other way."""
        return Hop(self.target, self.other_key, self.key, self.source, self.link, self.judgement)


@dataclass(slots=True)
class Chain:
    """The hops from one customer to the other, none when there is no chain. ``is_bounded``: not all was looked at."""

    hops: list[Hop]
    is_bounded: bool = False


async def find_chain(tx: ReadTransaction, start: str, end: str) -> Chain:
    """Find the shortest chain from one customer to another."""
    sides: tuple[dict[str, Hop | None], dict[str, Hop | None]] = ({start: None}, {end: None})
    fronts = [[start], [end]]
    is_bounded = False
    for _ in range(MAX_HOPS):
        number = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        if not fronts[number]:
            return Chain([], is_bounded)
        hops, cut = await _ways_out(tx, fronts[number])
        is_bounded = is_bounded or cut
        reached = sides[number]
        fresh: list[str] = []
        for hop in hops:
            if hop.target not in reached:
                reached[hop.target] = hop
                fresh.append(hop.target)
        met = [id for id in fresh if id in sides[1 - number]]
        if met:
            chains = [_walk(sides, id) for id in met]
            return Chain(min(chains, key=lambda chain: [hop.order for hop in chain]), is_bounded)
        is_bounded = is_bounded or len(fresh) > _FRONT
        fronts[number] = fresh[:_FRONT]
        if len(sides[0]) + len(sides[1]) > MAX_CUSTOMERS:
            return Chain([], is_bounded=True)
    return Chain([], is_bounded=bool(is_bounded or (fronts[0] and fronts[1])))


async def _ways_out(tx: ReadTransaction, ids: list[str]) -> tuple[list[Hop], bool]:
    """Give the hops that lead out of customers, the best first, and whether some were left out."""
    rows = await store.list_refused_links(tx, ids=ids, limit=_LINKS)
    hops = [Hop(row.customer_id, row.key, row.other_key, row.other_customer_id, row) for row in rows]
    counts: dict[str, int] = {}
    for hop in hops:
        counts[hop.source] = counts.get(hop.source, 0) + 1
    for row in await judgement_store.list_judgements_of_customers(tx, ids=ids):
        if row.verdict == Verdict.SAME and row.b is not None and row.customer_a and row.customer_b:
            hop = Hop(row.customer_a, row.a, row.b, row.customer_b, None, row)
            hops += [way for way in (hop, hop.turned()) if way.source in ids and way.target != way.source]
    return sorted(hops, key=lambda hop: hop.order), max(counts.values(), default=0) >= _LINKS


def _walk(sides: tuple[dict[str, Hop | None], dict[str, Hop | None]], middle: str) -> list[Hop]:
    """Give the hops from the start of the first side over the middle to the start of the second."""
    hops: list[Hop] = []
    hop = sides[0][middle]
    while hop is not None:
        hops.insert(0, hop)
        hop = sides[0][hop.source]
    hop = sides[1][middle]
    while hop is not None:
        hops.append(hop.turned())
        hop = sides[1][hop.source]
    return hops
