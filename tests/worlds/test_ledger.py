"""The ledger of several writers tells what was refused wrongly, and what two were told that only one can have done."""

import pytest

from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.errors import IdentityGraphError, NotFoundError
from identity_graph.service.applying.steps import VersionConflictError
from identity_graph.service.corrections.judging import AlreadyWithdrawnError, ContradictionError, NotLinkedError
from identity_graph.service.corrections.retracting import AlreadyRetractedError
from tests.worlds.ledger import Ledger, Why
from tests.worlds.worlds import SECOND, make_event, make_rules

RULES = make_rules()
PAIR = ("cookie:1", "crm:1")
EVENT = make_event(1, 10, PAIR, RULES)
UNTIL = 30 * SECOND


@pytest.fixture
def ledger() -> Ledger:
    """Give a ledger in which one event was taken in and one judgement was made."""
    ledger = Ledger(RULES)
    ledger.take([EVENT], [False])
    ledger.judge("jdg_1", "same", Judgement.of(Verdict.SAME, "crm:1", "phone:1"))
    return ledger


def refuse(ledger: Ledger, why: dict[str, Why], error: type[IdentityGraphError]) -> None:
    with ledger.refusing("try", **why):
        raise error("refused")


def reasons(ledger: Ledger) -> list[tuple[dict[str, Why], type[IdentityGraphError]]]:
    """List refusals that are wrong in this ledger, and become right by what ``justify`` notes."""
    return [
        (ledger.retracting(EVENT), AlreadyRetractedError),
        (ledger.withdrawing("jdg_1"), AlreadyWithdrawnError),
        (ledger.changing(1), VersionConflictError),
        (ledger.naming("crm:1"), NotFoundError),
        (ledger.judging(Verdict.DIFFERENT, PAIR), ContradictionError),
        (ledger.unlinking(PAIR, UNTIL), NotLinkedError),
    ]


def justify(ledger: Ledger) -> None:
    ledger.judge("jdg_2", "same", Judgement.of(Verdict.SAME, *PAIR))
    ledger.judge("jdg_3", "unlink", (PAIR, UNTIL))
    ledger.withdraw("jdg_1")
    ledger.put_in_force(2, RULES)
    ledger.retract(EVENT)


@pytest.mark.parametrize("number", range(6))
def test_a_refusal_that_nothing_justifies_is_wrong(ledger: Ledger, number: int) -> None:
    refuse(ledger, *reasons(ledger)[number])
    with pytest.raises(AssertionError, match="wrong refusals"):
        ledger.check()


@pytest.mark.parametrize("number", range(6))
def test_what_another_writer_did_meanwhile_justifies_it(ledger: Ledger, number: int) -> None:
    refuse(ledger, *reasons(ledger)[number])
    justify(ledger)
    ledger.check()


def test_an_event_that_was_acknowledged_is_found(ledger: Ledger) -> None:
    refuse(ledger, ledger.retracting(EVENT), NotFoundError)
    ledger.retract(EVENT)
    with pytest.raises(AssertionError, match="wrong refusals"):
        ledger.check()


def test_a_refusal_for_another_reason_is_raised(ledger: Ledger) -> None:
    with pytest.raises(NotLinkedError):
        refuse(ledger, ledger.naming("crm:1"), NotLinkedError)


def test_an_event_is_new_to_one_writer(ledger: Ledger) -> None:
    ledger.take([EVENT], [True])
    ledger.check()
    ledger.take([EVENT], [False])
    with pytest.raises(AssertionError, match="new to another number of writers"):
        ledger.check()


def test_judgements_in_force_do_not_contradict_each_other(ledger: Ledger) -> None:
    ledger.judge("jdg_2", "different", Judgement.of(Verdict.DIFFERENT, "crm:1", "phone:1"))
    with pytest.raises(AssertionError, match="contradictions in force"):
        ledger.check()
    ledger.withdraw("jdg_1")
    ledger.check()
