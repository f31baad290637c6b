"""A restricted customer is stored, and shown to nobody, wherever somebody looks; lifting it brings everything back."""

from identity_graph.service.core import Service
from tests.api.graphql.privacy.test_cases import ANN, SENT, done, tell
from tests.asking import Ask

CUSTOMER = "query ($by: IdentifierInput!) { customer(by: $by) { id createdAt identifiers { key } } }"
EVERYBODY = """{ customers { totalCount edges { node { id } } } changes { edges { node { id } } }
  lookup(value: "someone@example.com") { customer { id } } }"""
LIFT = """mutation ($id: String!) { retractObservation(source: "privacy", messageId: $id) { customers { id } } }"""


async def test_a_restricted_customer_is_shown_to_nobody_until_it_is_lifted(ask: Ask, service: Service) -> None:
    await tell(service)
    before, everybody = await ask(CUSTOMER, by=ANN), await ask(EVERYBODY)
    assert everybody["customers"]["totalCount"] == 1
    request = await done(ask, "RESTRICTION")
    (error,) = await ask(CUSTOMER, fails=True, by=ANN)
    told = error["extensions"]
    assert (told["code"], told["customer"], told["request"]) == (
        "RESTRICTED",
        before["customer"]["id"],
        request["id"],
    )
    for field in (
        'lookup(value: "ann@example.com") { customer { id } }',
        f'node(id: "{before["customer"]["id"]}") {{ id }}',
        f'node(id: "{before["customer"]["id"]}") {{ ... on Customer {{ traits {{ value }} }} }}',
    ):
        (error,) = await ask(f"{{ {field} }}", fails=True)
        assert error["extensions"]["code"] == "RESTRICTED", field
        assert "ann@example.com" not in str(error)
    hidden = await ask(EVERYBODY)
    assert (hidden["customers"], hidden["changes"]["edges"]) == ({"totalCount": 0, "edges": []}, [])
    access = await done(ask, "ACCESS")
    assert access["state"] == "DONE"
    await ask(LIFT, id=request["id"])
    assert await ask(CUSTOMER, by=ANN) == before
    assert (await ask(EVERYBODY))["customers"] == everybody["customers"]
    assert SENT
