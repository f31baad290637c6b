import httpx

from identity_graph.store.graph import Graph


async def test_a_message_is_stored_before_the_answer(client: httpx.AsyncClient, graph: Graph) -> None:
    answer = await client.post("/v1/track", json={"userId": "u1", "anonymousId": "a1", "event": "Signed Up"})

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    rows = await graph.run("MATCH (e:Event)-[:OBSERVED]->(i) WHERE i.key >= '' RETURN e.name AS name, i.key AS key")
    assert {(row["name"], row["key"]) for row in rows} == {
        ("Signed Up", "user_id:u1"),
        ("Signed Up", "anonymous_id:a1"),
    }
