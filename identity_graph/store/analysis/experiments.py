"""Experiments, and the events that tell who saw which variant."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class StoredExperiment(NamedTuple):
    """An experiment; ``definition`` is JSON."""

    id: str
    name: str
    definition: str
    version: int
    created_at: Instant
    updated_at: Instant
    saved_by: str


class ExposureRow(NamedTuple):
    """An exposure, and the customer whose event it is now; None without a usable identifier. ``properties`` is JSON."""

    id: str
    at: Instant
    customer_id: str | None
    properties: str | None


class CustomerExposureRow(NamedTuple):
    """An exposure of a customer; ``properties`` is JSON."""

    customer_id: str
    id: str
    at: Instant
    properties: str | None


class ExperimentCount(NamedTuple):
    """How many experiments there are."""

    experiments: int


@query("analysis/set_experiment")
async def set_experiment(
    tx: WriteTransaction, *, id: str, name: str, definition: str, actor: str, at_s: int, at_ns: int
) -> None: ...


@query("analysis/find_experiments")
async def find_experiments(tx: ReadTransaction, *, names: list[str]) -> list[StoredExperiment]: ...


@query("analysis/page_experiments")
async def page_experiments(
    tx: ReadTransaction, *, before: str, before_id: str, limit: int
) -> list[StoredExperiment]: ...


@query("analysis/count_experiments")
async def count_experiments(tx: ReadTransaction) -> list[ExperimentCount]: ...


@query("analysis/page_exposures")
async def page_exposures(tx: ReadTransaction, *, after: str, after_id: str, limit: int) -> list[ExposureRow]: ...


@query("analysis/list_exposures_of_customers")
async def list_exposures_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], since: str
) -> list[CustomerExposureRow]: ...
