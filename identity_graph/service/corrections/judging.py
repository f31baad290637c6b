"""Judging: what people say about identifiers is stored as a fact, and counts from that commit on."""

from dataclasses import dataclass
from typing import Any

from identity_graph.domain.identity.customers import TriggerKind
from identity_graph.domain.identity.judgements import Judgement, Verdict, find_chain
from identity_graph.domain.identity.read_models import ActiveJudgement
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.pairs import Pair, pair_of
from identity_graph.errors import IdentityGraphError, InvalidInputError, NotFoundError
from identity_graph.service.commit.unbinding import list_pairs
from identity_graph.service.identity.outdated import OutdatedError, UnreadError
from identity_graph.service.identity.revising import Revision, revise
from identity_graph.service.identity.writing import write_changes, write_resolution
from identity_graph.service.new_ids import new_id
from identity_graph.store.corrections import judgements as store
from identity_graph.store.corrections.judgements import OVERRULED, UNBOUND, UNLINKED
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import links as link_store


class ContradictionError(IdentityGraphError):
    """A judgement contradicts others that are in force; ``chain`` names them."""

    code = "CONTRADICTION"


class AlreadyWithdrawnError(IdentityGraphError):
    """The judgement was withdrawn before; nothing changed."""

    code = "ALREADY_WITHDRAWN"


class NotLinkedError(IdentityGraphError):
    """The two were never observed together, or not any more; nothing changed."""

    code = "NOT_LINKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Who says it, why, and under which rules it is to count."""

    reason: str
    actor: str
    regime: Regime


async def judge(tx: WriteTransaction, verdict: Verdict, pair: Pair, said: Statement) -> str:
    """Write down that two known identifiers are, or are not, one person's, and return the judgement's id.

    A judgement that is in force already is returned as it is.

    Raises:
        UnreadError: one of them is unknown, unless an event that is still to be read shows it.
        ContradictionError: judgements in force say the contrary.
    """
    await store.lock_judging(tx)
    await _check_known(tx, pair, said)
    judgement = Judgement.of(verdict, *pair)
    same = await _read_around(tx, pair)
    for row in same.values():
        if (row.verdict, {row.a, row.b}) == (verdict, {judgement.a, judgement.b}):
            return row.id
    _check_consistent(judgement, same)
    return await _declare(tx, verdict, judgement.a, judgement.b, None, said)


async def unlink(tx: WriteTransaction, pair: Pair, until: Instant, said: Statement) -> str:
    """Take back what was observed of a pair up to a moment, and return the id of the judgement that says so.

    Raises:
        UnreadError: one of them is unknown, or nothing that was observed by then links them, unless an event that is still
            to be read shows that.
    """
    await store.lock_judging(tx)
    await _check_known(tx, pair, said)
    a, b = pair_of(*pair)
    (link,) = await link_store.find_link(tx, a=a, b=b)
    if link.first_seen is None or link.first_seen > until:
        message = "The two were not observed together up to then; there is nothing to unlink."
        raise UnreadError([{a, b}], NotLinkedError(message, a=a, b=b))
    return await _declare(tx, UNLINKED, a, b, until, said)


async def overrule(tx: WriteTransaction, key: str, said: Statement) -> str:
    """Say that an identifier is never to be quarantined, and return the id of the judgement.

    Raises:
        UnreadError: it is unknown, unless an event that is still to be read shows it.
    """
    await store.lock_judging(tx)
    await _check_known(tx, (key,), said)
    for row in await store.list_judgements(tx, keys=[key]):
        if row.verdict == OVERRULED:
            return row.id
    return await _declare(tx, OVERRULED, key, None, None, said)


async def withdraw(tx: WriteTransaction, id: str, said: Statement) -> list[str]:
    """Take a judgement back, and return the keys that it named and that are known.

    Raises:
        NotFoundError: there is none of this id.
        AlreadyWithdrawnError: it was taken back before.
    """
    await store.lock_judging(tx)
    found = await store.find_judgement(tx, id=id)
    if not found:
        raise NotFoundError("There is no judgement with this id.", id=id)
    row = found[0]
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawnError("This judgement was already withdrawn; there is nothing to do.", id=id)
    await store.withdraw_judgement(
        tx, id=id, actor=said.actor, at_s=seconds(said.regime.now), at_ns=nanoseconds(said.regime.now)
    )
    keys = [key for key in (row.a, row.b) if key is not None]
    known = [found.key for found in await customer_store.find_owners(tx, keys=keys)]
    await _derive_anew(tx, id, row.verdict, known, row.until, said)
    return known


async def _declare(
    tx: WriteTransaction, verdict: str, a: str, b: str | None, until: Instant | None, said: Statement
) -> str:
    id = new_id("jdg")
    await store.create_judgement(
        tx,
        id=id,
        verdict=verdict,
        a=a,
        b=b,
        until_s=None if until is None else seconds(until),
        until_ns=None if until is None else nanoseconds(until),
        reason=said.reason,
        actor=said.actor,
        at_s=seconds(said.regime.now),
        at_ns=nanoseconds(said.regime.now),
    )
    await _derive_anew(tx, id, verdict, [a] if b is None else [a, b], until, said)
    return id


async def _derive_anew(
    tx: WriteTransaction, id: str, verdict: str, keys: list[str], until: Instant | None, said: Statement
) -> None:
    pairs = {pair_of(*keys)} if verdict == UNLINKED and len(keys) == 2 else set[Pair]()
    if verdict == UNBOUND and until is not None:
        pairs = await list_pairs(tx, dict.fromkeys(keys, until))
    revision = Revision(pairs=pairs, keys=set(keys))
    intake, resolved = await revise(tx, revision, said.regime)
    await write_resolution(tx, intake, resolved, said.regime, TriggerKind.JUDGEMENT)
    await write_changes(tx, resolved, TriggerKind.JUDGEMENT, [id] * len(resolved.changes))


async def _check_known(tx: ReadTransaction, keys: tuple[str, ...], said: Statement) -> None:
    """Let only those be judged that the rules in force know: customers whose turn has not come are converted first.

    Raises:
        InvalidInputError: the two are one identifier.
        OutdatedError: a customer still stands under earlier rules, which may know what those in force do not.
        UnreadError: one is unknown, unless an event that is still to be read shows it.
    """
    if len(set(keys)) < len(keys):
        raise InvalidInputError("Both are the same identifier: name two different ones.", key=keys[0])
    owners = await customer_store.find_owners(tx, keys=list(keys))
    outdated = {row.customer_id for row in owners if row.rule_version != said.regime.version}
    if outdated:
        raise OutdatedError(outdated)
    known = {row.key for row in owners}
    unknown = [key for key in keys if key not in known]
    if unknown:
        message = f"No event observed {unknown[0]!r}: only known identifiers can be judged."
        raise UnreadError([{key} for key in unknown], NotFoundError(message, key=unknown[0]))


async def _read_around(tx: ReadTransaction, pair: Pair) -> dict[str, ActiveJudgement]:
    """Read all judgements on the two, and on all that judgements hold to be the same as one of them, by id."""
    found: dict[str, ActiveJudgement] = {}
    read: set[str] = set()
    wanted = set(pair)
    while wanted:
        read |= wanted
        rows = await store.list_judgements(tx, keys=sorted(wanted))
        found.update({row.id: row for row in rows if row.verdict in set(Verdict)})
        wanted = {
            key for row in rows if row.verdict == Verdict.SAME for key in (row.a, row.b) if key is not None
        } - read
    return found


def _check_consistent(judgement: Judgement, around: dict[str, ActiveJudgement]) -> None:
    by_judgement = {
        Judgement.of(Verdict(row.verdict), row.a, row.b): row
        for row in around.values()
        if row.b is not None and row.b != row.a
    }
    same = [known for known in by_judgement if known.verdict is Verdict.SAME]
    if judgement.verdict is Verdict.DIFFERENT:
        chain = find_chain(same, judgement.a, judgement.b)
        if chain:
            raise _contradiction("Judgements in force say that the two are the same person", chain, by_judgement)
        return
    for known in by_judgement:
        if known.verdict is Verdict.DIFFERENT:
            for near, far in ((known.a, known.b), (known.b, known.a)):
                to_near, to_far = find_chain(same, judgement.a, near), find_chain(same, judgement.b, far)
                if (to_near or near == judgement.a) and (to_far or far == judgement.b):
                    chain = [*to_near, known, *to_far[::-1]]
                    raise _contradiction(
                        "Judgements in force say that the two are different persons", chain, by_judgement
                    )


def _contradiction(message: str, chain: list[Judgement], rows: dict[Judgement, ActiveJudgement]) -> ContradictionError:
    facts: list[dict[str, Any]] = [
        {"id": rows[link].id, "verdict": link.verdict.value, "a": link.a, "b": link.b, "reason": rows[link].reason}
        for link in chain
    ]
    said = ", then ".join(
        f"{link.a} is {link.verdict} as {link.b}" if link.verdict is Verdict.SAME else f"{link.a} is not {link.b}"
        for link in chain
    )
    return ContradictionError(f"{message}: {said}. Withdraw one of these first.", chain=facts)
