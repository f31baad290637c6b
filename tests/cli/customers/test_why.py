"""``identity-graph why``: the same explanation, in a terminal."""

import pytest
from typer import Typer
from typer.testing import CliRunner

from identity_graph.cli.customers.why import why
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, link, seed

ANN, BOB, TABLET, PHONE = "user_id:ann", "user_id:bob", "device_id:T1", "phone:+8613800138000"


@pytest.fixture
async def tablet(graph: Graph) -> None:
    """Store two people who share a tablet."""
    await seed(
        graph,
        customers=[customer(identifiers=[ANN, PHONE]), customer(identifiers=[BOB, TABLET])],
        links=[link(ANN, PHONE, count=3, last_seen=NOON + DAY), link(ANN, TABLET), link(BOB, TABLET, count=2)],
    )


def ask(run: CliRunner, a: str, b: str) -> str:
    app = Typer()
    app.command()(why)
    result = run.invoke(app, [a, b])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return " ".join(result.output.replace("│", " ").split())


@pytest.mark.usefixtures("tablet")
def test_two_of_one_customer_are_shown_with_what_links_them(run: CliRunner) -> None:
    shown = ask(run, "0086 138 0013 8000", "user_id:ann")
    assert "The same customer" in shown
    assert "phone +8613800138000 and user_id ann belong to the same customer: they were seen together 3 times" in shown
    assert "phone +8613800138000 seen together 3 times, from 2026-01-01 to 2026-01-02 bridge user_id ann" in shown


@pytest.mark.usefixtures("tablet")
def test_two_of_different_customers_are_shown_with_what_stands_between(run: CliRunner) -> None:
    shown = ask(run, "ann", "bob")
    assert "Not the same customer" in shown
    assert "They meet through device_id T1, but together they would have 2 user_id (ann, bob); the limit is 1." in shown
    assert "user_id ann ╎ seen together once, on 2026-01-01 limit_exceeded device_id T1" in shown
    assert "device_id T1 seen together 2 times, on 2026-01-01 user_id bob" in shown
    assert "What keeps them apart limit_exceeded since 2026-01-01 12:00 UTC" in shown


@pytest.mark.usefixtures("tablet")
def test_a_value_that_may_not_be_an_identifier_is_named_with_its_namespace(run: CliRunner) -> None:
    assert '"null" is blocked as a phone' in ask(run, "ann", "phone:null")
    with pytest.raises(NotFoundError, match="Nothing found for null"):
        ask(run, "ann", "null")


@pytest.fixture
async def shop(graph: Graph) -> None:
    """Store a customer with two numbers that read the same."""
    await seed(graph, customers=[customer(identifiers=["user_id:1007", "crm_id:1007"])])


@pytest.mark.usefixtures("shop")
def test_a_value_that_may_mean_several_must_be_named_with_its_namespace(run: CliRunner) -> None:
    with pytest.raises(
        InvalidInputError, match=r"1007 may mean crm_id:1007, user_id:1007\. Say which one: crm_id:1007"
    ):
        ask(run, "1007", "ann")
