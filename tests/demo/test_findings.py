"""The customer that the demo shows is one person with much to tell and many kinds of identifiers."""

from identity_graph.demo.findings import pick_example
from identity_graph.simulation import BackOffice, simulate


def test_the_example_is_one_person_with_the_most_kinds_of_identifiers() -> None:
    office = BackOffice(simulate(1, seed=1))
    for person, keys in (
        ("A", ("crm_id:1", "phone:+8613800138000", "user_id:u1")),
        ("B", ("crm_id:2", "device_id:d", "phone:+8613900139000", "user_id:u2")),
        ("C", ("device_id:d",)),
        ("D", ("anonymous_id:x",)),
    ):
        office.world.truth.record(person, keys)
    customers = [
        ["crm_id:1", "phone:+8613800138000", "user_id:u1"],
        ["crm_id:2", "device_id:d", "phone:+8613900139000", "user_id:u2"],
        ["anonymous_id:x"],
    ]
    assert pick_example(customers, office) == ("phone", "+8613800138000")
    assert pick_example([["anonymous_id:x"]], office) == ("anonymous_id", "x")


def test_the_example_has_bought_a_few_times_and_has_more_to_tell_than_others() -> None:
    office = BackOffice(simulate(1, seed=1))
    stories = {"A": (2, {"store"}), "B": (6, {"store"}), "C": (6, {"store", "Order Refunded"}), "D": (40, {"store"})}
    for person, (purchases, happened) in stories.items():
        office.world.truth.record(person, (f"email:{person}@example.com",))
        office.purchases[person] = purchases
        office.stories[person] = happened
    office.stories["D"].update(("Order Refunded", "Survey Answered"))
    customers = [[f"email:{person}@example.com"] for person in stories]
    assert pick_example(customers, office) == ("email", "C@example.com")
