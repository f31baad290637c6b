"""What many segments of an answer need: each is read once for all of them."""

from asyncio import gather
from functools import partial
from typing import TYPE_CHECKING

from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.profiles.scores import load_cut
from identity_graph.domain.identity.read_models import CustomerView
from identity_graph.domain.segments.cycles import segments_used
from identity_graph.domain.segments.read_models import StoredSegment
from identity_graph.domain.segments.rule_tree import Rule
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import NotFoundError
from identity_graph.service.segments import reading

if TYPE_CHECKING:
    from api.graphql.customers.customers import Customer
    from api.graphql.segments.segments import Segment


async def load_terms(info: Info) -> Terms:
    """Give what rules are read by: the catalogue, the rules and the RFM cut in force."""
    in_force = info.context.service.units.in_force
    return Terms(in_force.catalogue, in_force.rules, await load_cut(info))


async def load_names(info: Info, rule: Rule) -> dict[str, str]:
    """Give the names of the segments that a rule uses, by their ids."""
    rows = await gather(*(load_segment(info, id) for id in segments_used(rule)))
    return {row.id: row.name for row in rows if row is not None}


async def load_segment(info: Info, id: str) -> StoredSegment | None:
    """Read a segment by its id, a deleted one too; None when there never was one."""
    loaders = info.context.loaders
    loader: DataLoader[str, StoredSegment | None] = loaders.kept(
        "segments", lambda: DataLoader(partial(reading.read_segments, loaders.reads))
    )
    return await loader.load(id)


async def get_segment(info: Info, id: str) -> "Segment":
    """Read a segment by its id, a deleted one too.

    Raises:
        NotFoundError: there never was one.
    """
    from api.graphql.segments.segments import segment_of

    row = await load_segment(info, id)
    if row is None:
        raise NotFoundError("There is no segment with this id.", id=id)
    return segment_of(row)


async def read_customer(info: Info, id: str, at: Instant) -> "Customer":
    """Read a customer by an id that it had at a moment; one that is no more has nothing but this id, and this time."""
    row = await info.context.loaders.customers.load(id)
    return info.context.customer_of(row or CustomerView(id, id, at, at, at))


async def get_customer(info: Info, id: str) -> "Customer":
    """Read a customer by an id that it has or once had.

    Raises:
        NotFoundError: there is none.
    """
    row = await info.context.loaders.customers.load(id)
    if row is None:
        raise NotFoundError("There is no customer with this id.", id=id)
    return info.context.customer_of(row)
