"""The customer that the demo shows is one person with many kinds of identifiers."""

from identity_graph.demo.findings import pick_example
from identity_graph.simulation import simulate


def test_the_example_is_one_person_with_the_most_kinds_of_identifiers() -> None:
    world = simulate(1, seed=1)
    for person, keys in (
        ("A", ("crm_id:1", "phone:+8613800138000", "user_id:u1")),
        ("B", ("crm_id:2", "device_id:d", "phone:+8613900139000", "user_id:u2")),
        ("C", ("device_id:d",)),
        ("D", ("anonymous_id:x",)),
    ):
        world.truth.record(person, keys)
    customers = [
        ["crm_id:1", "phone:+8613800138000", "user_id:u1"],
        ["crm_id:2", "device_id:d", "phone:+8613900139000", "user_id:u2"],
        ["anonymous_id:x"],
    ]
    assert pick_example(customers, world) == ("phone", "+8613800138000")
    assert pick_example([["anonymous_id:x"]], world) == ("anonymous_id", "x")
