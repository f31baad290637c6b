"""Running a privacy request that is approved: its steps, one after the other, each noted when it is done.

Whatever interrupts it, the request goes on with the first step that is not done. Each step can be run twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import structlog

from identity_graph.domain.access.principals import SERVICE
from identity_graph.domain.privacy.requests import RequestState
from identity_graph.domain.privacy.steps import RequestStep, StepDone, next_step, take
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.errors import GraphUnavailableError, IdentityGraphError, NotFoundError
from identity_graph.service.background import in_background
from identity_graph.service.collecting.erasing import remove_from_spool
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import Named
from identity_graph.service.privacy.barring import bar_subject, correct_subject
from identity_graph.service.privacy.cases import Case, change_case, change_case_in, decide, get_case
from identity_graph.service.privacy.erasing import erase, find_subject
from identity_graph.service.privacy.requests import find_key
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.privacy import erasing as erasing_store
from identity_graph.store.privacy.requests import clear_requests, list_requests_in_states

_PATIENCE_SECONDS = 5.0
_log = structlog.get_logger(__name__)


async def advance_request(service: Service, id: str, to: RequestState, actor: str, reason: str) -> Case:
    """Bring a request on. To ``RUNNING``: the service takes the steps that are not done, and the request is ``DONE`` at the end.

    When a step fails, the request is ``FAILED`` and names the error; advanced to ``RUNNING`` again, it goes on with that step.

    Raises:
        NotFoundError: there is no such request.
        InvalidInputError: there is no reason, or only the service brings a request to that state.
        PrivacyRequestError: the request cannot go on like that.
        GraphUnavailableError: Neo4j does not answer.
    """
    case = await decide(service, id, to, actor, reason)
    return case if to is not RequestState.RUNNING else await run_request(service, id, actor)


async def run_request(service: Service, id: str, actor: str) -> Case:
    """Take the steps of a request that are not done.

    Raises:
        GraphUnavailableError: Neo4j does not answer; the request stays as it is, and goes on when it is run again.
    """
    case = await get_case(service, id)
    while (step := next_step(case.request.kind, case.steps)) is not None:
        try:
            case = await _STEPS[step](service, case, actor)
        except IdentityGraphError as error:
            _log.warning("a step of a privacy request failed", request=id, step=step.value, error=error.code)
            code = error.code
            return await change_case(service, id, lambda case, code=code: _ended(case, RequestState.FAILED, code))
    return await change_case(service, id, lambda case: _ended(case, RequestState.DONE, None))


async def resume_requests(service: Service) -> int:
    """Go on with all requests that were interrupted; return how many."""
    rows = await service.graph.read(lambda tx: list_requests_in_states(tx, states=[RequestState.RUNNING.value]))
    for row in rows:
        await run_request(service, row.id, SERVICE.name)
    return len(rows)


def resuming(service: Service) -> AbstractAsyncContextManager[None]:
    """Go on in the background with what an earlier service left unfinished, as soon as Neo4j answers."""
    return in_background(_resume(service), "resuming privacy requests")


async def _resume(service: Service) -> None:
    while True:
        try:
            await resume_requests(service)
        except GraphUnavailableError:
            await asyncio.sleep(_PATIENCE_SECONDS)
        except Exception as error:  # noqa: BLE001 - people can advance them, and the service goes on
            _log.error("privacy requests could not be resumed", error=type(error).__name__)
            return
        else:
            return


def _ended(case: Case, state: RequestState, fault: str | None) -> Case:
    if case.request.state is not RequestState.RUNNING:
        return case  # somebody else ran it, too, and was first
    return replace(case, request=replace(case.request, state=state), fault=fault)


async def _stop_messages(service: Service, case: Case, actor: str) -> Case:
    """Stop what is to be sent about the customer; what was sent goes with the erasure."""
    key = _find_key(service, case)

    async def work(tx: WriteTransaction) -> Case:
        count = 0
        if key is not None and await customer_store.find_owners(tx, keys=[key]):
            subject = await find_subject(tx, key)
            count = sum(row.stopped for row in await erasing_store.stop_messages(tx, ids=subject.ids))
        return await _note(tx, case, RequestStep.OUTBOX, count, service, actor)

    return await service.graph.write(work)


async def _clear_spool(service: Service, case: Case, actor: str) -> Case:
    """Remove what waits and names one of the identifiers."""
    key, count = _find_key(service, case), 0

    async def read(tx: ReadTransaction) -> list[str]:
        owned = key is not None and await customer_store.find_owners(tx, keys=[key])
        return (await find_subject(tx, key)).own if key is not None and owned else []

    if own := await service.graph.read(read):
        count = await remove_from_spool(service, own)
    return await service.graph.write(lambda tx: _note(tx, case, RequestStep.SPOOL, count, service, actor))


async def _erase(service: Service, case: Case, actor: str) -> Case:
    """Erase the customer, and note that in the same transaction. Somebody who was erased meanwhile is nobody any more."""
    key = _find_key(service, case)

    async def unit(tx: WriteTransaction, regime: Regime) -> Case:
        if key is None or not await customer_store.find_owners(tx, keys=[key]):
            return await _note(tx, case, RequestStep.GRAPH, 0, service, actor)
        receipt = await erase(tx, key, regime, service.signer, case.preserve)
        done = StepDone(RequestStep.GRAPH, receipt.erased_at, receipt.events, actor)
        await clear_requests(tx, ids=[case.request.id])
        return await change_case_in(
            tx,
            case.request.id,
            lambda known: replace(known, steps=take(known.steps, done), receipt=receipt.id),
        )

    return await service.units.run(unit)


async def _offer_export(service: Service, case: Case, actor: str) -> Case:
    """Let the personal data be fetched: they are read when somebody does, and kept nowhere."""
    key = _get_key(service, case)

    async def work(tx: WriteTransaction) -> Case:
        owners = await customer_store.find_owners(tx, keys=[key])
        if not owners:
            raise NotFoundError("There is no such identifier any more.")
        return await _note(tx, case, RequestStep.EXPORT, 1, service, actor)

    return await service.graph.write(work)


async def _bar(service: Service, case: Case, actor: str) -> Case:
    await bar_subject(service, _get_subject(case), case.request)
    return await service.graph.write(lambda tx: _note(tx, case, RequestStep.BAR, 1, service, actor))


async def _correct(service: Service, case: Case, actor: str) -> Case:
    await correct_subject(service, _get_subject(case), case.request, case.corrections)
    count = len(case.corrections)
    return await service.graph.write(lambda tx: _note(tx, case, RequestStep.CORRECT, count, service, actor))


_STEPS: Mapping[RequestStep, Callable[[Service, Case, str], Awaitable[Case]]] = {
    RequestStep.OUTBOX: _stop_messages,
    RequestStep.SPOOL: _clear_spool,
    RequestStep.GRAPH: _erase,
    RequestStep.EXPORT: _offer_export,
    RequestStep.BAR: _bar,
    RequestStep.CORRECT: _correct,
}


async def _note(tx: WriteTransaction, case: Case, step: RequestStep, count: int, service: Service, actor: str) -> Case:
    done = StepDone(step, service.units.now(), count, actor)
    return await change_case_in(tx, case.request.id, lambda known: replace(known, steps=take(known.steps, done)))


def _get_subject(case: Case) -> Named:
    if case.subject is None:
        raise NotFoundError("The person was erased.")
    return Named(*Identifier.from_key(case.subject))


def _get_key(service: Service, case: Case) -> str:
    return find_key(service, _get_subject(case))


def _find_key(service: Service, case: Case) -> str | None:
    return None if case.subject is None else _get_key(service, case)
