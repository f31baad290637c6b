"""Corrections by people, as the interfaces call them: raw values in, customers out."""

from typing import NamedTuple

from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.core import Service
from identity_graph.service.corrections.judging import Statement, judge, overrule, unlink, withdraw
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.customers.lookup import find_keys
from identity_graph.store.driver.query import WriteTransaction

_LONGEST_REASON = 1000


class Named(NamedTuple):
    """An identifier as somebody writes it: its namespace, and its value in any spelling."""

    namespace: str
    value: str


class Corrected(NamedTuple):
    """A judgement, and the keys of the identifiers that it is about."""

    judgement_id: str
    keys: list[str]


async def declare(service: Service, verdict: Verdict, a: Named, b: Named, reason: str, actor: str) -> Corrected:
    """Judge that two identifiers are, or are not, one person's.

    Raises:
        InvalidInputError: there is no reason, or the two are one.
        NotFoundError: one of them is unknown.
        ContradictionError: judgements in force say the contrary.
        GraphUnavailableError: Neo4j does not answer.
    """
    _check_reason(reason)

    async def unit(tx: WriteTransaction, regime: Regime) -> Corrected:
        pair = (get_key(regime, a), get_key(regime, b))
        return Corrected(await judge(tx, verdict, pair, _said(reason, actor, regime)), list(pair))

    return await service.units.run(unit)


async def unlink_pair(
    service: Service, a: Named, b: Named, until: Instant | None, reason: str, actor: str
) -> Corrected:
    """Take back what was observed of a pair up to a moment, by default now; what is observed later links it again.

    Raises:
        InvalidInputError: there is no reason, the two are one, or the moment lies in the future.
        NotFoundError: one of them is unknown.
        NotLinkedError: nothing that was observed by then links them.
        GraphUnavailableError: Neo4j does not answer.
    """
    _check_reason(reason)

    async def unit(tx: WriteTransaction, regime: Regime) -> Corrected:
        if until is not None and until > regime.now:
            raise InvalidInputError(
                "`at` is in the future: only what was observed until now can be unlinked.", at=until
            )
        pair = (get_key(regime, a), get_key(regime, b))
        said = _said(reason, actor, regime)
        return Corrected(await unlink(tx, pair, regime.now if until is None else until, said), list(pair))

    return await service.units.run(unit)


async def overrule_quarantine(service: Service, named: Named, reason: str, actor: str) -> Corrected:
    """Say that an identifier is one person's however many partners it has: it is never quarantined.

    Raises:
        InvalidInputError: there is no reason.
        NotFoundError: it is unknown.
        GraphUnavailableError: Neo4j does not answer.
    """
    _check_reason(reason)

    async def unit(tx: WriteTransaction, regime: Regime) -> Corrected:
        key = get_key(regime, named)
        return Corrected(await overrule(tx, key, _said(reason, actor, regime)), [key])

    return await service.units.run(unit)


async def withdraw_judgement(service: Service, id: str, actor: str) -> Corrected:
    """Take a judgement back, of whatever kind it is.

    Raises:
        NotFoundError: there is none of this id.
        AlreadyWithdrawnError: it was taken back before.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def unit(tx: WriteTransaction, regime: Regime) -> Corrected:
        return Corrected(id, await withdraw(tx, id, _said("", actor, regime)))

    return await service.units.run(unit)


async def retract_observation(service: Service, source: str, message_id: str, actor: str) -> list[str]:
    """Take an observation back, for good; return the keys that it observed and that other observations still do.

    Raises:
        NotFoundError: there is no such observation.
        AlreadyRetractedError: it was taken back before.
        GraphUnavailableError: Neo4j does not answer.
    """

    async def unit(tx: WriteTransaction, regime: Regime) -> list[str]:
        return await retract(tx, source, message_id, actor, regime)

    return await service.units.run(unit)


def get_key(regime: Regime, named: Named) -> str:
    """Read what somebody wrote as the key of an identifier.

    Raises:
        InvalidInputError: the rules have no such namespace.
        NotFoundError: under the rules the value is no identifier.
    """
    keys = find_keys(regime.rules, named.value, named.namespace)
    if not keys:
        raise NotFoundError(
            f"Under the rules this value is not an identifier of the namespace {named.namespace!r}: it is blocked or invalid.",
            namespace=named.namespace,
            value=named.value,
        )
    return keys[0]


def _said(reason: str, actor: str, regime: Regime) -> Statement:
    return Statement(reason=reason.strip(), actor=actor, regime=regime)


def _check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidInputError(f"Say why, in 1 to {_LONGEST_REASON} characters.", field="reason")
