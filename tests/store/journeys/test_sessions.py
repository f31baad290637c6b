"""Sessions that are written and deleted within one transaction."""

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.journeys import sessions
from tests.worlds.worlds import make_event, make_rules

RULES: RuleSet = make_rules()


async def test_a_session_that_was_changed_and_deleted_is_gone_at_once(graph: Graph) -> None:
    event = make_event(1, 1, ("crm:1", "cookie:1"), RULES)
    await graph.write(lambda tx: take_in(tx, [event], Regime(RULES, 1, 1)))

    async def change_and_delete(tx: WriteTransaction) -> list[sessions.CreatedSession]:
        (stored,) = await sessions.list_sessions(tx, visitors=["cookie:1"])
        (step,) = await sessions.list_steps(tx, ids=[stored.id])
        await tx.run("MATCH (s:Session) SET s.visitor = 'cookie:2', s.started_at = datetime.fromEpoch(9, 0)")
        assert [row.id for row in await sessions.list_sessions(tx, visitors=["cookie:2"])] == [step.session_id]
        await sessions.delete_sessions(tx, ids=[stored.id])
        return await sessions.list_sessions(tx, visitors=["cookie:1", "cookie:2"])

    assert await graph.write(change_and_delete) == []
