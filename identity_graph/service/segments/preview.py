"""What a rule would come to before it is saved: how many customers, which ones, and what is worth a look.

The time that a preview takes is bounded. If the evaluator cannot look in time at everybody of whom Cypher cannot tell, the size is
an estimate between two numbers, and a warning says so.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.doubts import doubt_names, doubt_size
from identity_graph.domain.segments.evaluation import Result, evaluate
from identity_graph.domain.segments.reading import raise_if_any
from identity_graph.domain.segments.rule_tree import All, Audience, Rule
from identity_graph.domain.segments.sentences import say_condition, say_rule
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.segments.walking import places_of
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import IdentityGraphError
from identity_graph.service.commit.count_pruning import KEPT_DAYS
from identity_graph.service.segments.definitions import read_definitions
from identity_graph.service.segments.matching import IDS_AT_ONCE, Decided, Matching, decide, page_unsure, portions_of
from identity_graph.service.segments.saving import check_among, read_known
from identity_graph.service.segments.sheets import read_sheets
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import matching as store
from identity_graph.store.segments import names as name_store
from identity_graph.store.segments.compiling_asked import Definition

LOOK_SECONDS = 1.0
"""For how long the evaluator looks at customers of whom Cypher cannot tell."""

MOST_SECONDS = 30.0
"""For how long a preview may take at all."""

COSTLY = 5000
"""From so many customers on that have to be looked at one by one, a preview says why."""


class PreviewTooLongError(IdentityGraphError):
    """A rule takes too long to preview."""

    code = "PREVIEW_TOO_LARGE"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A rule that may be saved: of a new segment, or, with ``own``, of that segment."""

    rule: Rule
    audience: Audience = Audience.KNOWN
    own: str | None = None


class SegmentPreview(NamedTuple):
    """What a rule comes to. Where ``least`` and ``most`` differ, the size is an estimate; ``audience`` is how many are asked.

    ``sample`` are ids of some who are in.
    """

    proposal: Proposal
    terms: Terms
    as_of: Instant
    size: int
    least: int
    most: int
    audience: int
    sample: list[str]
    warnings: list[str]

    @property
    def share(self) -> float:
        """The share of the audience."""
        return self.size / self.audience if self.audience else 0.0

    @property
    def time_zone(self) -> str:
        """The zone in which days are counted."""
        return self.terms.catalogue.time_zone

    def sentence(self, language: str = "en") -> str:
        """Say what the rule means."""
        return say_rule(self.proposal.rule, self.terms, language, audience=self.proposal.audience)


class Explained(NamedTuple):
    """Whether a customer would be in, and each condition with the value that it compares."""

    member: bool
    result: Result


async def preview_segment(
    graph: Graph, proposal: Proposal, in_force: InForce, now: Instant, *, sample: int = 5
) -> SegmentPreview:
    """Tell what a rule would come to; nothing is changed.

    Raises:
        SegmentError: the rule cannot be evaluated; the message names every problem with its place.
        PreviewTooLongError: counting takes too long.
        GraphUnavailableError: Neo4j does not answer.
    """
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await _preview(graph, proposal, in_force, now, sample)
    except TimeoutError as error:
        raise PreviewTooLongError(
            f"The rule takes more than {MOST_SECONDS:.0f} seconds to preview. Ask for a shorter time or for fewer conditions; "
            "or save it: members are found in the background, however long it takes.",
            seconds=MOST_SECONDS,
        ) from error


async def explain_proposal(
    graph: Graph, proposal: Proposal, in_force: InForce, now: Instant, customer_id: str
) -> Explained | None:
    """Explain why a customer would be in or not, condition by condition; None for one that is no customer.

    Raises:
        SegmentError: the rule cannot be evaluated.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def read(tx: ReadTransaction) -> Explained | None:
        matching, _ = await _check(tx, proposal, in_force, now)
        (sheet,) = await read_sheets(tx, [customer_id], matching.inputs, matching.terms, now)
        if sheet is None:
            return None
        sheet = matching.with_segments(sheet)
        return Explained(matching.holds(sheet), evaluate(proposal.rule, sheet, now, matching.terms, proposal.audience))

    return await graph.read(read)


async def _preview(graph: Graph, proposal: Proposal, in_force: InForce, now: Instant, sample: int) -> SegmentPreview:
    matching, warnings = await graph.read(lambda tx: _check(tx, proposal, in_force, now))
    everybody = Matching(Definition(All(()), proposal.audience), matching.terms, now)
    # Each of them goes through all customers, so they do so at the same time.
    audience, sure, unsure, shown, names = await asyncio.gather(
        graph.read(lambda tx: store.count_sure(tx, everybody.compiled)),
        graph.read(lambda tx: store.count_sure(tx, matching.compiled)),
        graph.read(lambda tx: page_unsure(tx, matching)),
        graph.read(lambda tx: store.page_sure_ids(tx, matching.compiled, after="", limit=sample)),
        graph.read(lambda tx: _read_names(tx, now)),
    )
    doubtful = len(unsure)
    if doubtful == IDS_AT_ONCE:
        doubtful = await graph.read(lambda tx: store.count_unsure(tx, matching.compiled))
    found = await graph.read(lambda tx: _look(tx, matching, unsure))
    least = sure + len(found.members)
    most = least + max(0, doubtful - found.looked_at)
    size = least if most == least else sure + round(doubtful * len(found.members) / found.looked_at)
    warnings += [*doubt_names(proposal.rule, names, KEPT_DAYS), *doubt_size(size, audience)]
    warnings += _tell_costs(proposal.rule, matching, doubtful, estimate=(least, most))
    return SegmentPreview(
        proposal=proposal,
        terms=matching.terms,
        as_of=now,
        size=size,
        least=least,
        most=most,
        audience=audience,
        sample=[*shown, *found.members][:sample],
        warnings=warnings,
    )


async def _check(
    tx: ReadTransaction, proposal: Proposal, in_force: InForce, now: Instant
) -> tuple[Matching, list[str]]:
    known = await read_known(tx, in_force, proposal.own)
    checked = check_among(proposal.rule, known)
    raise_if_any([*checked.problems])
    segments = await read_definitions(tx)
    own = segments.get(proposal.own or "")
    pins = {} if own is None else own.pins
    matching = Matching(Definition(proposal.rule, proposal.audience, pins), known.terms, now, segments)
    return matching, [warning.text for warning in checked.warnings]


async def _read_names(tx: ReadTransaction, now: Instant) -> Mapping[str, int]:
    rows = await name_store.list_event_names(tx, since=now // DAY - KEPT_DAYS)
    return {row.name: row.messages for row in rows}


async def _look(tx: ReadTransaction, matching: Matching, ids: list[str]) -> Decided:
    """Look at customers in the order of their ids, which are random, until the time is over; at one portion at least."""
    end = time.monotonic() + LOOK_SECONDS
    looked_at, members = 0, list[str]()
    while ids:
        for portion in portions_of(ids):
            members += await decide(tx, matching, portion)
            looked_at += len(portion)
            if time.monotonic() > end:
                return Decided(looked_at, members)
        ids = await page_unsure(tx, matching, after=ids[-1]) if len(ids) == IDS_AT_ONCE else []
    return Decided(looked_at, members)


def _tell_costs(rule: Rule, matching: Matching, unsure: int, *, estimate: tuple[int, int]) -> list[str]:
    least, most = estimate
    if unsure < COSTLY and least == most:
        return []
    terms = matching.terms
    costly = [
        say_condition(one, terms) for _, one in places_of(rule) if not replace_rule(matching, one).compiled.is_exact
    ]
    looked = f"{unsure:,} customers have to be looked at one by one: {'; '.join(dict.fromkeys(costly))}"
    if least == most:
        return [looked]
    return [f"the size is an estimate between {least:,} and {most:,}, since {looked}"]


def replace_rule(matching: Matching, rule: Rule) -> Matching:
    """Ask another rule of everybody, at the same moment."""
    return replace(matching, definition=Definition(rule, Audience.ALL))
