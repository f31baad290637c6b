"""Lists of the customers that a rule holds for, without saving it."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from identity_graph.domain.identity.read_models import ListedCustomer
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.reading import raise_if_any
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import Page
from identity_graph.service.segments.definitions import read_definitions
from identity_graph.service.segments.matching import Matching, count_members, page_filtered
from identity_graph.service.segments.preview import MOST_SECONDS, PreviewTooLongError
from identity_graph.service.segments.saving import check_among, read_known
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments.compiling_asked import Definition

T = TypeVar("T")


async def read_filtered(
    graph: Graph,
    rule: Rule,
    in_force: InForce,
    now: Instant,
    *,
    order: str,
    first: int,
    after: tuple[int, str] | None,
) -> Page[ListedCustomer]:
    """Read a page of all customers, anonymous ones too, that a rule holds for at a moment.

    Raises:
        SegmentError: the rule cannot be evaluated; the message names every problem with its place.
        PreviewTooLongError: too many have to be looked at one by one.
    """

    async def read(tx: ReadTransaction) -> Page[ListedCustomer]:
        matching = await _match(tx, rule, in_force, now)
        return await page_filtered(
            tx, rule, matching.terms, now, order=order, first=first, after=after, segments=matching.segments
        )

    return await in_time(graph.read(read))


async def count_filtered(graph: Graph, rule: Rule, in_force: InForce, now: Instant) -> int:
    """Count the customers that a rule holds for at a moment.

    Raises:
        SegmentError: the rule cannot be evaluated.
        PreviewTooLongError: too many have to be looked at one by one.
    """

    async def count(tx: ReadTransaction) -> int:
        return await count_members(tx, await _match(tx, rule, in_force, now))

    return await in_time(graph.read(count))


async def in_time(reading: Awaitable[T]) -> T:
    """Wait for a reading of many customers, and not for ever.

    Raises:
        PreviewTooLongError: it takes too long.
    """
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await reading
    except TimeoutError as error:
        raise PreviewTooLongError(
            f"The rule takes more than {MOST_SECONDS:.0f} seconds. Ask for a shorter time or for fewer conditions; or save it as a "
            "segment: its members are found in the background, however long it takes.",
            seconds=MOST_SECONDS,
        ) from error


async def _match(tx: ReadTransaction, rule: Rule, in_force: InForce, now: Instant) -> Matching:
    known = await read_known(tx, in_force)
    raise_if_any([*check_among(rule, known).problems])
    return Matching(Definition(rule, Audience.ALL), known.terms, now, await read_definitions(tx))
