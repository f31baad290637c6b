"""What the Segment SDK makes of a simulated message says the same as the message itself."""

from segment.analytics.client import Client

from identity_graph.demo.sending import call_sdk
from identity_graph.domain.collecting.segment.messages import extract
from identity_graph.domain.values.observations import Message
from identity_graph.simulation import simulate

NOW = 2 * 10**15


def read(message: object) -> Message:
    found = extract(message, source="demo", received_at=NOW)
    assert isinstance(found, Message)
    return found


def test_identifiers_time_and_message_id_survive_the_sdk() -> None:
    client = Client("key", send=False)
    types: set[str] = set()
    for simulated in simulate(300, seed=3):
        original = read(simulated.message)
        taken, sent = call_sdk(client, simulated.message)
        assert taken
        found = read(sent)
        placeholder = {i for i in found.identifiers if i.value == "anonymous"}
        assert set(found.identifiers) - placeholder == set(original.identifiers) - placeholder
        assert (found.message_id, found.occurred_at) == (original.message_id, original.occurred_at)
        assert (found.type, found.name, found.properties) == (original.type, original.name, original.properties)
        types.add(found.type)
    assert types == {"track", "identify", "page", "screen", "alias"}
