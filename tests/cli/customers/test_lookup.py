import pytest
from typer import Typer
from typer.testing import CliRunner

from identity_graph.cli.customers.lookup import lookup
from identity_graph.service.core import Service
from identity_graph.store.driver.graph import Graph
from tests.builders import NOON, customer, event, merged, seed, session, trait

PHONE, COOKIE = "phone:+8613800138000", "anonymous_id:c1"


def _app() -> Typer:
    app = Typer()
    app.command()(lookup)
    return app


@pytest.fixture
async def anna(service: Service, graph: Graph) -> None:
    """Store a customer with everything that a card shows, once rules and catalogue are in force: nothing is derived again."""
    await seed(
        graph,
        customers=[customer("cus_anna", identifiers=[PHONE, COOKIE])],
        merges=[merged("cus_old", "cus_anna")],
        traits=[trait(PHONE, "city", "Chengdu"), trait(PHONE, "tags", ["a", "b"]), trait(PHONE, "note", "[red]" * 40)],
        sessions=[
            session(COOKIE, *(event(at=NOON + n * 60_000_000, name=f"Visit {n:02}", channel="H5") for n in range(12)))
        ],
    )


def test_a_card_shows_identifiers_traits_and_the_last_touchpoints(anna: None, run: CliRunner) -> None:
    result = run.invoke(_app(), ["138-0013-8000"])
    assert result.exit_code == 0
    for shown in (
        "cus_anna",
        "+8613800138000",
        "c1",
        "Chengdu",
        '["a","b"]',
        "[red][red]",
        "cus_old",
        "2026-01-01 12:11",
    ):
        assert shown in result.output
    assert "Visit 02" in result.output
    assert "Visit 01" not in result.output
    assert "earlier" in result.output


def test_one_namespace_can_be_looked_in(anna: None, run: CliRunner) -> None:
    assert run.invoke(_app(), ["c1", "--namespace", "anonymous_id"]).exit_code == 0
    assert run.invoke(_app(), ["c1", "--namespace", "user_id"]).exit_code == 1


def test_nothing_found_is_exit_code_1_and_a_line_that_helps(graph: Graph, run: CliRunner) -> None:
    result = run.invoke(_app(), ["nobody@example.cn"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nothing found for nobody@example.cn" in result.stderr


def test_who_it_was_is_told_for_any_time(graph: Graph, life: dict[str, str], run: CliRunner) -> None:
    now = run.invoke(_app(), ["tablet", "--as-of", "2999-01-01"])
    assert now.exit_code == 0
    for shown in (life["first"], "user_id", "a@example.com", "as of 2999-01-01T00:00:00Z"):
        assert shown in now.output
    for same in ("29990101", "2999-01-01T08:00:00+08:00", "29990101080000+0800", " 2999-01-01 "):
        assert run.invoke(_app(), ["tablet", "--as-of", same]).output == now.output
    earlier = run.invoke(_app(), ["tablet", "--as-of", "2020-01-01T08:00:00+08:00"])
    assert (earlier.exit_code, earlier.stdout) == (1, "")
    assert "as of 2020-01-01T08:00:00+08:00" in earlier.stderr


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-01-31T08:00:00", "2026-13-01", "20260131080000", "1769848200000", "20261301"]
)
def test_a_time_that_is_none_is_refused(run: CliRunner, time: str) -> None:
    result = run.invoke(_app(), ["x", "--as-of", time])
    assert result.exit_code == 2
    assert "2026-01-31T08:00:00Z" in result.stderr
