"""The store of segments: each save gives the set another version, and what was deleted keeps its id and its name."""

from typing import Any

from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.segments import segments

GIVEN: dict[str, Any] = {"description": None, "audience": "KNOWN", "purpose": None, "at_s": 5, "at_ns": 1000}


async def create(graph: Graph, id: str, name: str, rule: str = "{}") -> int:
    async def work(tx: WriteTransaction) -> int:
        (row,) = await segments.lock_segments(tx)
        await segments.create_segment(tx, id=id, name=name, rule=rule, **GIVEN)
        return row.version

    return await graph.write(work)


async def test_a_segment_is_found_by_its_id_and_by_its_name(graph: Graph) -> None:
    assert [await create(graph, "seg_1", "one"), await create(graph, "seg_2", "two")] == [1, 2]
    (by_id,) = await graph.read(lambda tx: segments.find_segments(tx, ids=["seg_1", "seg_9"]))
    (by_name,) = await graph.read(lambda tx: segments.find_segments_by_name(tx, names=["one"]))
    assert by_id == by_name
    assert (by_id.version, by_id.state, by_id.size, by_id.created_at) == (1, "FILLING", 0, 5_000_001)


async def test_a_replaced_segment_has_the_next_version_and_its_members_follow_the_former_rule_yet(graph: Graph) -> None:
    await create(graph, "seg_1", "one", '{"a": 1}')
    await graph.write(lambda tx: segments.replace_segment(tx, id="seg_1", name="other", rule='{"a": 2}', **GIVEN))
    (found,) = await graph.read(segments.list_segments)
    assert (found.version, found.name, found.rule, found.live_rule) == (2, "other", '{"a": 2}', '{"a": 1}')


async def test_a_deleted_segment_is_listed_no_more_and_keeps_its_id_and_its_name(graph: Graph) -> None:
    await create(graph, "seg_1", "one")
    await create(graph, "seg_2", "two")
    await graph.write(lambda tx: segments.delete_segment(tx, id="seg_1", at_s=9, at_ns=0))
    assert [row.id for row in await graph.read(segments.list_segments)] == ["seg_2"]
    assert [row.name for row in await graph.read(lambda tx: segments.page_segments(tx, after="", limit=5))] == ["two"]
    (deleted,) = await graph.read(lambda tx: segments.find_segments_by_name(tx, names=["one"]))
    assert (deleted.id, deleted.deleted_at, deleted.state) == ("seg_1", 9_000_000, "DELETED")
