"""Experiments: saving them, reading them, and giving customers their variants."""

import json
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.analysis.experiments import HELD_OUT, ExperimentDraft, read_experiment
from identity_graph.domain.analysis.exposures import Exposure, ExposureLog
from identity_graph.domain.analysis.journeys import EXPOSURE
from identity_graph.domain.analysis.writing import write_experiment
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.analysis.asking import terms_in_force
from identity_graph.service.collecting.observing import observe
from identity_graph.service.commit.units import Units
from identity_graph.service.core import Service
from identity_graph.service.customers.lookup import find_keys
from identity_graph.service.new_ids import new_id
from identity_graph.service.positions import START, Page, TimePosition, cut
from identity_graph.service.reads import Reads, align
from identity_graph.store.analysis import experiments as store
from identity_graph.store.analysis.experiments import CustomerExposureRow, StoredExperiment
from identity_graph.store.customers import identifiers as identifier_store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction

SOURCE = "experiments"
"""The source of exposures that the service logs itself."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as it is stored."""

    id: str
    draft: ExperimentDraft
    version: int
    created_at: Instant
    updated_at: Instant
    saved_by: str

    def log(self) -> ExposureLog:
        """Make a log that takes its exposures."""
        return ExposureLog(
            names=frozenset({self.id, self.draft.name}),
            variants=frozenset(one.name for one in self.draft.variants),
            start=self.draft.start.at,
            end=self.draft.end.at,
        )


class Given(NamedTuple):
    """What a customer is given: a variant, None of who is held out. ``was_exposed``: the customer had seen it before."""

    variant: str | None
    was_exposed: bool
    logged: bool


async def save_experiment(units: Units, id: str | None, given: object, actor: str) -> Experiment:
    """Save an experiment: a new one, or with an id another version of one.

    Raises:
        InvalidInputError: it makes no sense, another one has the name, or it has begun and would give other variants.
        NotFoundError: there is no experiment of this id.
    """
    draft = read_experiment(given, terms_in_force(units.in_force))
    made = id or new_id("exp")

    async def write(tx: WriteTransaction, regime: Regime) -> StoredExperiment:
        known = {row.id: row for row in await store.find_experiments(tx, names=[made, draft.name])}
        if id is not None and id not in known:
            raise NotFoundError(f"There is no experiment {id!r}.", id=id)
        if any(row.name == draft.name and row.id != made for row in known.values()):
            raise InvalidInputError(
                f"Another experiment is called {draft.name!r}; choose another name.", name=draft.name
            )
        if id is not None:
            _check_begun(experiment_of(known[id], Terms(regime.catalogue, regime.rules)).draft, draft, regime.now)
        await store.set_experiment(
            tx,
            id=made,
            name=draft.name,
            definition=json.dumps(write_experiment(draft)),
            actor=actor,
            at_s=seconds(regime.now),
            at_ns=nanoseconds(regime.now),
        )
        (stored,) = await store.find_experiments(tx, names=[made])
        return stored

    return experiment_of(await units.run(write), terms_in_force(units.in_force))


def _check_begun(before: ExperimentDraft, after: ExperimentDraft, now: Instant) -> None:
    changed = [name for name, value in before.fixed.items() if after.fixed[name] != value]
    if changed and now >= before.start.at:
        raise InvalidInputError(
            f"The experiment began on {format_instant(before.start.at)}, and another {' and '.join(changed)} would give customers "
            "other variants than they saw. End it, and make a new one.",
            changed=changed,
        )


def experiment_of(row: StoredExperiment, terms: Terms) -> Experiment:
    """Make an experiment of a row."""
    draft = read_experiment(json.loads(row.definition), terms)
    return Experiment(row.id, draft, row.version, row.created_at, row.updated_at, row.saved_by)


async def read_experiments(reads: Reads, names: list[str], terms: Terms) -> list[Experiment | None]:
    """Read experiments by their ids; None where there is none."""
    rows = await reads.run(store.find_experiments.call(names=names))
    found = align(names, rows, attrgetter("id"))
    return [None if row is None else experiment_of(row, terms) for row in found]


async def page_experiments(reads: Reads, terms: Terms, *, first: int, after: TimePosition | None) -> Page[Experiment]:
    """Read a page of the experiments, those made last first."""
    before = after or START
    rows = await reads.run(
        store.page_experiments.call(before=format_instant(before.at), before_id=before.id, limit=first + 1)
    )
    return cut([experiment_of(row, terms) for row in rows], first)


async def count_experiments(reads: Reads) -> int:
    """Count the experiments."""
    (row,) = await reads.run(store.count_experiments.call())
    return row.experiments


async def assign_variant(
    service: Service, name: str, by: RawIdentifier, now: Instant, *, log: bool
) -> tuple[Experiment, Given]:
    """Tell which variant a customer is given, and log that the customer saw it.

    Who was exposed before stays with that variant, also after a merge. Otherwise the hash of the oldest identifier decides.

    Raises:
        NotFoundError: there is no such experiment.
        InvalidInputError: the value is no identifier, or the experiment is not running.
        GraphUnavailableError: Neo4j does not answer.
    """
    terms = terms_in_force(service.units.in_force)
    rows = await service.graph.read(lambda tx: store.find_experiments(tx, names=[name]))
    if not rows:
        raise NotFoundError(f"There is no experiment {name!r}.", experiment=name)
    experiment = experiment_of(rows[0], terms)
    draft = experiment.draft
    if log and not draft.start.at <= now < draft.end.at:
        raise InvalidInputError(
            f"The experiment runs from {format_instant(draft.start.at)} to {format_instant(draft.end.at)}; exposures outside of "
            "that do not count. Ask with log: false to see what it gives.",
            experiment=experiment.id,
        )
    keys = find_keys(service.rules, by.value, by.namespace)
    if not keys:
        raise InvalidInputError(
            "The rules take no such identifier: it is undeclared, blocked or invalid.", namespace=by.namespace
        )
    anchor, exposures = await service.graph.read(lambda tx: _look_up(tx, keys[0], draft.start.at))
    seen = _first_seen(experiment, exposures)
    variant = seen if seen is not None else draft.assign(anchor) or HELD_OUT
    if log and seen is None:
        await observe(
            service,
            source=SOURCE,
            message_id=f"{experiment.id}/{blake2b(keys[0].encode(), digest_size=16).hexdigest()}",
            received_at=now,
            name=EXPOSURE,
            identifiers=(by,),
            properties={
                "experiment_id": experiment.id,
                "experiment_name": draft.name,
                "variation_id": variant,
                "variation_name": variant,
            },
        )
    return experiment, Given(None if variant == HELD_OUT else variant, seen is not None, log and seen is None)


async def _look_up(tx: ReadTransaction, key: str, since: Instant) -> tuple[str, list[CustomerExposureRow]]:
    """Find the oldest identifier of a customer, and what the customer was exposed to; an unknown identifier is its own oldest."""
    found = await identifier_store.find_identifiers(tx, keys=[key])
    if not found:
        return key, []
    customer_id = found[0].customer_id
    own = await identifier_store.list_identifiers_of_customers(tx, customer_ids=[customer_id])
    exposures = await store.list_exposures_of_customers(tx, customer_ids=[customer_id], since=format_instant(since))
    return min(own, key=lambda row: (row.first_seen, row.key)).key, exposures


def _first_seen(experiment: Experiment, rows: list[CustomerExposureRow]) -> str | None:
    log = experiment.log()
    for row in rows:
        log.add(Exposure(row.at, row.customer_id, json.loads(row.properties or "{}")))
    return next((one.variant for one in log.customers.values()), None)
