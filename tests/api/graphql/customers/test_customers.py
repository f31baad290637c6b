from collections.abc import Awaitable, Callable
from typing import Any

from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, event, link, merged, seed, session, trait

Ask = Callable[..., Awaitable[Any]]

ANNA = customer("cus_anna", identifiers=["email:anna@b.cn", "phone:+8613800138000", "user_id:u1"], last_seen=NOON + DAY)


async def test_a_customer_is_found_by_its_id_and_by_any_identifier(graph: Graph, ask: Ask) -> None:
    await seed(graph, customers=[ANNA])
    answer = await ask(
        """query {
          id: customer(id: "cus_anna") { id }
          raw: customer(by: {namespace: "phone", value: "+86 138-0013-8000"}) { id firstSeenAt lastSeenAt createdAt }
          unknown: customer(id: "cus_nobody") { id }
          stranger: customer(by: {namespace: "email", value: "x@y.cn"}) { id }
          invalid: customer(by: {namespace: "email", value: "no address"}) { id }
        }"""
    )
    assert answer == {
        "id": {"id": "cus_anna"},
        "raw": {
            "id": "cus_anna",
            "firstSeenAt": "2026-01-01T12:00:00Z",
            "lastSeenAt": "2026-01-02T12:00:00Z",
            "createdAt": "2026-01-01T12:00:00Z",
        },
        "unknown": None,
        "stranger": None,
        "invalid": None,
    }


async def test_a_customer_is_asked_for_in_exactly_one_way(graph: Graph, ask: Ask) -> None:
    await seed(graph, customers=[ANNA])
    for arguments in ("id: null", 'id: "cus_anna", by: {namespace: "email", value: "anna@b.cn"}'):
        (error,) = await ask(f"query {{ customer({arguments}) {{ id }} }}", fails=True)
        assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["customer"])


async def test_a_merged_id_leads_to_the_survivor_through_all_merges(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        customers=[ANNA],
        merges=[merged("cus_b", "cus_anna", at=NOON), merged("cus_c", "cus_b", at=NOON + 1)],
    )
    answer = await ask('query { customer(id: "cus_c") { id mergedIds } node(id: "cus_b") { id } }')
    assert answer == {"customer": {"id": "cus_anna", "mergedIds": ["cus_c", "cus_b"]}, "node": {"id": "cus_anna"}}


async def test_identifiers_come_strongest_first_and_can_be_narrowed(graph: Graph, ask: Ask) -> None:
    await seed(graph, customers=[ANNA])
    answer = await ask(
        """query { customer(id: "cus_anna") {
          identifiers { key label customer { id } }
          phones: identifiers(namespace: "phone") { value }
        } }"""
    )
    own = {"id": "cus_anna"}
    assert answer["customer"] == {
        "identifiers": [
            {"key": "user_id:u1", "label": "User_id", "customer": own},
            {"key": "phone:+8613800138000", "label": "Phone", "customer": own},
            {"key": "email:anna@b.cn", "label": "Email", "customer": own},
        ],
        "phones": [{"value": "+8613800138000"}],
    }


async def test_a_trait_has_one_value_and_traits_come_by_name(graph: Graph, ask: Ask) -> None:
    await seed(
        graph,
        customers=[ANNA],
        traits=[
            trait("email:anna@b.cn", "plan", "silver", observed_at=NOON),
            trait("user_id:u1", "plan", {"name": "gold"}, observed_at=NOON + DAY, source="crm"),
            trait("user_id:u1", "age", 30),
        ],
    )
    answer = await ask(
        """query { customer(id: "cus_anna") {
          traits { name value observedAt source identifier { key } }
          some: traits(names: ["age"]) { value }
          none: traits(names: []) { value }
        } }"""
    )
    assert [(row["name"], row["value"], row["identifier"]["key"]) for row in answer["customer"]["traits"]] == [
        ("age", 30, "user_id:u1"),
        ("plan", {"name": "gold"}, "user_id:u1"),
    ]
    assert answer["customer"]["traits"][1]["source"] == "crm"
    assert (answer["customer"]["some"], answer["customer"]["none"]) == ([{"value": 30}], [])


async def test_the_identity_graph_shows_links_with_their_bridges(graph: Graph, ask: Ask) -> None:
    keys = ["email:a@b.cn", "email:b@b.cn", "email:c@b.cn", "email:d@b.cn"]
    a, b, c, d = keys
    await seed(
        graph,
        customers=[customer("cus_1", identifiers=keys)],
        links=[link(a, b), link(b, c), link(a, c), link(c, d, count=7, source="pos")],
    )
    answer = await ask(
        """query { customer(id: "cus_1") { identityGraph {
          nodes { key } links { a { key } b { key } bridge refused count sources }
          refusedLinks { edges { node { bridge } } pageInfo { hasNextPage endCursor } }
        } } }"""
    )
    found = answer["customer"]["identityGraph"]
    assert {node["key"] for node in found["nodes"]} == set(keys)
    assert [(row["a"]["key"], row["b"]["key"], row["bridge"]) for row in found["links"]] == [
        (a, b, False),
        (a, c, False),
        (b, c, False),
        (c, d, True),
    ]
    assert found["links"][3] == {
        "a": {"key": c}, "b": {"key": d}, "bridge": True, "refused": None, "count": 7, "sources": ["pos"],
    }  # fmt: skip
    assert found["refusedLinks"] == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


async def test_refused_links_lead_to_others_and_say_why(graph: Graph, ask: Ask) -> None:
    shared, quarantined, ambiguous = "device_id:d1", "device_id:d2", "device_id:d3"
    await seed(
        graph,
        customers=[
            customer("cus_1", identifiers=["user_id:u1", shared]),
            customer("cus_2", identifiers=["user_id:u2"]),
            customer("cus_3", identifiers=[quarantined]),
            customer("cus_4", identifiers=[ambiguous]),
            customer("cus_5", identifiers=["user_id:u5"], size=500),
        ],
        links=[
            link(shared, "user_id:u1"),
            link(shared, "user_id:u2"),
            link(quarantined, "user_id:u1"),
            link(ambiguous, "user_id:u1"),
            link("user_id:u1", "user_id:u5"),
        ],
        quarantined=[quarantined],
        ambiguous=[ambiguous],
    )
    refused = "{ edges { cursor node { a { key customer { id } } b { key customer { id } } refused bridge } } pageInfo { hasNextPage endCursor } }"
    answer = await ask(f'query {{ customer(id: "cus_1") {{ identityGraph {{ refusedLinks {refused} }} }} }}')
    edges = answer["customer"]["identityGraph"]["refusedLinks"]["edges"]
    assert [(e["node"]["a"]["key"], e["node"]["b"]["key"], e["node"]["refused"]) for e in edges] == [
        (shared, "user_id:u2", "limit_exceeded"),
        (quarantined, "user_id:u1", "quarantined"),
        (ambiguous, "user_id:u1", "ambiguous_owner"),
        ("user_id:u1", "user_id:u5", "customer_full"),
    ]
    assert edges[0]["node"]["b"]["customer"] == {"id": "cus_2"}
    seen: list[str] = []
    after = None
    for _ in range(4):
        answer = await ask(
            'query($after: String) { customer(id: "cus_1") { identityGraph { refusedLinks(first: 1, after: $after)'
            f" {refused} }} }} }}",
            after=after,
        )
        page = answer["customer"]["identityGraph"]["refusedLinks"]
        seen += [edge["cursor"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is (len(seen) < 4)
    assert seen == [edge["cursor"] for edge in edges]


async def test_every_object_is_read_again_by_its_id(graph: Graph, ask: Ask) -> None:
    visit = session("user_id:u1", event("evt_1", properties={"price": 9.5}), id="ses_1")
    await seed(graph, customers=[ANNA], sessions=[visit])
    answer = await ask('query { customer(id: "cus_anna") { identifiers { id key } } }')
    for identifier in answer["customer"]["identifiers"]:
        again = await ask(
            "query($id: ID!) { node(id: $id) { __typename id ... on Identifier { key customer { id } } } }",
            id=identifier["id"],
        )
        assert again["node"] == {"__typename": "Identifier", **identifier, "customer": {"id": "cus_anna"}}
    answer = await ask(
        """query {
          touchpoint: node(id: "evt_1") { __typename id ... on Touchpoint { properties session { id owner { key } } } }
          session: node(id: "ses_1") { __typename id ... on Session { touchpointCount owner { key } } }
        }"""
    )
    owner = {"key": "user_id:u1"}
    assert answer == {
        "touchpoint": {
            "__typename": "Touchpoint",
            "id": "evt_1",
            "properties": {"price": 9.5},
            "session": {"id": "ses_1", "owner": owner},
        },
        "session": {"__typename": "Session", "id": "ses_1", "touchpointCount": 1, "owner": owner},
    }


async def test_an_unknown_id_is_null_whatever_it_looks_like(ask: Ask) -> None:
    ids = ["", "x", "cus_", "evt_1", "ses_1", "dlq_1", "idn_", "idn_%%%", "idn_gICA", "idn_ZW1haWw6eEB5LmNu", "job_1"]
    for id in ids:
        assert await ask("query($id: ID!) { node(id: $id) { id } }", id=id) == {"node": None}
