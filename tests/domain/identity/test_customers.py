"""Who keeps which id when parts change, and what it comes to."""

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.customers import Change, ChangeKind, Claim, FormerCustomer, claim_ids, net_changes
from tests.properties import examples

OLD = FormerCustomer("cus_b", 10, "phone:1")
NEW = FormerCustomer("cus_a", 20, "phone:2")


def part(*keys: str) -> frozenset[str]:
    return frozenset(keys)


def test_a_part_keeps_the_id_of_the_customer_whose_oldest_identifier_it_holds() -> None:
    parts = [part("phone:1", "crm:1"), part("phone:2"), part("crm:2")]
    assert claim_ids(parts, [OLD, NEW]) == [
        Claim(parts[0], "cus_b", ()),
        Claim(parts[1], "cus_a", ()),
        Claim(parts[2], None, ()),
    ]


def test_of_several_the_oldest_customer_survives() -> None:
    whole = part("phone:1", "phone:2", "crm:1")
    assert claim_ids([whole], [NEW, OLD]) == [Claim(whole, "cus_b", ("cus_a",))]


def test_of_two_created_at_once_the_smaller_id_survives() -> None:
    whole = part("phone:1", "phone:2", "phone:3")
    former = [FormerCustomer("cus_c", 10, "phone:3"), OLD, FormerCustomer("cus_a", 10, "phone:2")]
    assert claim_ids([whole], former) == [Claim(whole, "cus_a", ("cus_b", "cus_c"))]


keys = st.sampled_from([f"phone:{n}" for n in range(8)])


@examples(100)
@given(
    parts=st.dictionaries(keys, st.integers(0, 3), min_size=1).map(
        lambda of: [frozenset(k for k in of if of[k] == n) for n in sorted(set(of.values()))]
    ),
    data=st.data(),
)
def test_every_former_id_is_kept_or_merged_exactly_once(parts: list[frozenset[str]], data: st.DataObject) -> None:
    everyone = sorted(set().union(*parts))
    oldest = data.draw(st.lists(st.sampled_from(everyone), unique=True))
    former = [FormerCustomer(f"cus_{n}", data.draw(st.integers(0, 3)), key) for n, key in enumerate(oldest)]
    claims = claim_ids(parts, former)
    assert [claim.part for claim in claims] == parts
    ids = [id for claim in claims for id in (claim.customer_id, *claim.merged) if id is not None]
    assert sorted(ids) == sorted(customer.id for customer in former)
    age = {customer.id: (customer.created_at, customer.id) for customer in former}
    for claim in claims:
        if claim.customer_id is not None:
            assert all(age[claim.customer_id] < age[id] for id in claim.merged)
        else:
            assert not claim.merged


def test_a_merge_is_one_change_of_the_survivor() -> None:
    moves = [("b", "a"), ("b", "a"), ("c", "a")]
    assert net_changes(moves, {"c": "a", "b": "a"}, set()) == [Change(ChangeKind.MERGED, ("a", "b", "c"))]


def test_a_split_is_one_change_of_the_new_customer() -> None:
    assert net_changes([("a", "n"), ("a", "n")], {}, {"n"}) == [Change(ChangeKind.SPLIT, ("n", "a"))]


def test_an_identifier_that_goes_over_is_a_change_of_who_gained_it() -> None:
    assert net_changes([("b", "a"), ("c", "a")], {}, set()) == [Change(ChangeKind.IDENTIFIER_MOVED, ("a", "b", "c"))]


def test_what_a_merged_customer_gave_to_a_third_is_a_change_of_its_own() -> None:
    assert net_changes([("b", "a"), ("b", "d"), ("b", "n")], {"b": "a"}, frozenset({"n"})) == [
        Change(ChangeKind.IDENTIFIER_MOVED, ("d", "b")),
        Change(ChangeKind.MERGED, ("a", "b")),
        Change(ChangeKind.SPLIT, ("n", "b")),
    ]


def test_nothing_that_moved_is_no_change() -> None:
    assert net_changes([], {}, {"n"}) == []
