"""The results of an experiment: all exposures, then what those who were exposed did, page by page."""

import asyncio
from itertools import islice

import orjson

from identity_graph.domain.analysis.assessment import Outcomes, Results, assess
from identity_graph.domain.analysis.conversions import find_conversions
from identity_graph.domain.analysis.exposures import Exposure, ExposureLog
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST
from identity_graph.service.analysis.asking import terms_in_force
from identity_graph.service.analysis.experiments import Experiment
from identity_graph.service.analysis.reading import CUSTOMERS_AT_ONCE, read_sheets
from identity_graph.store.analysis import experiments as store
from identity_graph.store.driver.graph import Graph

EXPOSURES_AT_ONCE = 5000


async def read_results(graph: Graph, experiment: Experiment, in_force: InForce, now: Instant) -> Results:
    """Tell what an experiment comes to now.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    log = await _read_log(graph, experiment)
    outcomes = Outcomes(experiment.draft, now)
    terms = terms_in_force(in_force)
    wanted, window = experiment.draft.conversion, experiment.draft.window.micros
    exposed = iter([(id, one) for id, one in log.customers.items() if not one.in_two])
    while page := list(islice(exposed, CUSTOMERS_AT_ONCE)):
        since = min(one.since for _, one in page)
        until = max(one.since for _, one in page) + window
        sheets = await read_sheets(graph, [id for id, _ in page], wanted, since, until)
        for id, one in page:
            found = find_conversions(wanted, sheets[id], terms, now) if id in sheets else ()
            outcomes.add(one, [conversion.at for conversion in found])
    return await asyncio.to_thread(assess, experiment.draft, log, outcomes, now)


async def _read_log(graph: Graph, experiment: Experiment) -> ExposureLog:
    log = experiment.log()
    after = (EARLIEST, "")
    while page := await graph.read(
        lambda tx, after=after: store.page_exposures(
            tx, after=format_instant(after[0]), after_id=after[1], limit=EXPOSURES_AT_ONCE
        )
    ):
        for row in page:
            log.add(Exposure(row.at, row.customer_id, orjson.loads(row.properties or "{}")))
        after = (page[-1].at, page[-1].id)
    return log
