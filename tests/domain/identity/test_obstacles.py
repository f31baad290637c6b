"""What stands against joining two clusters, and how long a witness proves it."""

import pytest

from identity_graph.domain.identity.obstacles import Cluster, Member, ObstacleKind, Referee, Witness
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.rules.rule_set import Limit, NamespaceRule, RuleSet
from identity_graph.domain.values.identifiers import Identifier
from tests.worlds.worlds import SECOND, make_rules

RULES = make_rules(max_identifiers=4)


def make_members(*keys: str, seen: dict[str, int] | None = None, rules: RuleSet = RULES) -> dict[str, Member]:
    """Make members, last seen at second 100 unless told otherwise."""
    return {key: member_of(Identifier.from_key(key), (seen or {}).get(key, 100) * SECOND, rules) for key in keys}


def make_referee(
    *clusters: str,
    different: tuple[tuple[str, str], ...] = (),
    seen: dict[str, int] | None = None,
    rules: RuleSet = RULES,
) -> tuple[Referee, list[Cluster]]:
    """Make a referee and its clusters, each given as keys with spaces between."""
    members = make_members(*" ".join(clusters).split(), seen=seen, rules=rules)
    referee = Referee(members, different, rules)
    made: list[Cluster] = []
    for cluster in clusters:
        first, *others = cluster.split()
        for key in others:
            referee.join(referee.cluster_of(first), referee.cluster_of(key))
        made.append(referee.cluster_of(first))
    return referee, made


def test_joined_clusters_add_up() -> None:
    referee, (cluster,) = make_referee("phone:1 phone:2 openid:wxA/1 device:1", seen={"device:1": 300, "phone:1": 200})
    assert set(cluster.keys) == {"phone:1", "phone:2", "openid:wxA/1", "device:1"}
    assert cluster.counts == {"phone": 2, "openid/wxA": 1}
    assert cluster.newest == 300 * SECOND
    assert list(referee.clusters()) == [cluster]
    assert all(referee.cluster_of(key) is cluster for key in cluster.keys)


def test_nothing_stands_between_what_fits() -> None:
    referee, (a, b) = make_referee("crm:1 phone:1", "phone:2 device:1")
    assert referee.find_obstacle(a, b) is None
    assert referee.can_be_one([a, b])


def test_a_limit_stands_between_and_the_witness_counts_both_sides() -> None:
    referee, (a, b) = make_referee("phone:1 phone:2", "phone:3 device:1")
    assert referee.find_obstacle(a, b) == Witness(ObstacleKind.LIMIT, "phone", 2, 1)
    assert not referee.can_be_one([a, b])


def test_a_side_that_brings_nothing_of_a_kind_is_never_over_its_limit() -> None:
    referee, (a, b) = make_referee("phone:1 phone:2 phone:3", "device:1")
    assert referee.find_obstacle(a, b) is None
    assert referee.can_be_one([a, b])


def test_a_window_counts_what_was_seen_within_it_of_the_newest_member() -> None:
    keys = ("cookie:1 crm:1", "cookie:2 cookie:3")
    recent, (a, b) = make_referee(*keys, seen={"cookie:1": 80})
    assert recent.find_obstacle(a, b) == Witness(ObstacleKind.WINDOW)
    assert not recent.can_be_one([a, b])
    old, (a, b) = make_referee(*keys, seen={"cookie:1": 79})
    assert old.find_obstacle(a, b) is None
    assert old.can_be_one([a, b])


def test_within_a_window_too_a_joined_count_may_be_what_one_side_already_had() -> None:
    referee, (a, b) = make_referee("cookie:2 cookie:3 cookie:4", "cookie:1", seen={"cookie:1": 10})
    assert referee.find_obstacle(a, b) is None
    assert referee.can_be_one([a, b])


def test_of_two_windows_either_may_stand_against_it() -> None:
    rooms = NamespaceRule(name="room", label="Room", priority=5, limit=Limit(1, 20 * SECOND))
    rules = RuleSet(namespaces={**RULES.namespaces, "room": rooms})
    seen = {"cookie:1": 10, "room:1": 100}
    for keys in ("cookie:1 room:1", "room:1 cookie:1"):
        referee, (a, b) = make_referee(keys, "cookie:2 cookie:3 room:2", seen=seen, rules=rules)
        assert referee.find_obstacle(a, b) == referee.find_obstacle(b, a) == Witness(ObstacleKind.WINDOW)
        seen = {"cookie:1": 100, "room:1": 10}


def test_size_stands_between_but_leaves_no_owner_in_doubt() -> None:
    referee, (a, b) = make_referee("device:1 device:2 device:3", "crm:1 phone:1")
    assert referee.find_obstacle(a, b) == Witness(ObstacleKind.SIZE, "", 3, 2)
    assert referee.can_be_one([a, b])


def test_what_one_side_can_prove_is_named_before_what_needs_both() -> None:
    cookies = ("cookie:1 cookie:2 device:1", "cookie:3 crm:1")
    referee, (a, b) = make_referee(*cookies)
    assert referee.find_obstacle(a, b) == Witness(ObstacleKind.SIZE, "", 3, 2)
    referee, (a, b) = make_referee("cookie:1 cookie:2 phone:1 phone:2", "cookie:3 phone:3")
    assert referee.find_obstacle(a, b) == Witness(ObstacleKind.LIMIT, "phone", 2, 1)
    referee, (a, b) = make_referee(*cookies, different=(("crm:1", "device:1"),))
    assert referee.find_obstacle(a, b) == Witness(ObstacleKind.DIFFERENT, "", "device:1", "crm:1")


def test_judged_pairs_are_found_by_key_and_only_across_the_two() -> None:
    different = (("phone:1", "device:9"), ("device:1", "phone:2"), ("crm:1", "device:2"))
    referee, (a, b, c) = make_referee("phone:1 device:1", "phone:2 device:9", "crm:1", different=different)
    assert referee.find_judged_pair(a, b) == ("device:1", "phone:2")
    assert referee.find_judged_pair(b, a) == ("device:9", "phone:1")
    assert referee.find_judged_pair(a, c) is None
    assert referee.find_judged_pair(c, a) is None, "the other end of its judgement is not here"
    assert not referee.can_be_one([a, b, c])
    assert referee.can_be_one([a, c])
    assert referee.can_be_one([c, c])


def test_many_clusters_that_fit_in_pairs_may_not_fit_as_one() -> None:
    referee, (a, b, c) = make_referee("phone:1", "phone:2", "phone:3")
    assert all(referee.can_be_one(pair) for pair in ([a, b], [b, c], [a, c]))
    assert not referee.can_be_one([a, b, c])


LIMIT = ObstacleKind.LIMIT
SIZE = ObstacleKind.SIZE
DIFFERENT = ObstacleKind.DIFFERENT


@pytest.mark.parametrize(
    ("witness", "inner_is_a", "renewed"),
    [
        (Witness(LIMIT, "phone", 1, 1), True, Witness(LIMIT, "phone", 2, 1)),
        (Witness(LIMIT, "phone", 1, 1), False, Witness(LIMIT, "phone", 1, 2)),
        (Witness(LIMIT, "phone", 9, 0), True, None),
        (Witness(LIMIT, "crm", 1, 5), True, None),
        (Witness(LIMIT, "openid/wxA", 1, 1), True, None),
        (Witness(SIZE, "", 1, 2), True, Witness(SIZE, "", 3, 2)),
        (Witness(SIZE, "", 2, 1), False, Witness(SIZE, "", 2, 3)),
        (Witness(SIZE, "", 4, 1), True, None),
        (Witness(DIFFERENT, "", "phone:1", "phone:8"), True, Witness(DIFFERENT, "", "phone:1", "phone:8")),
        (Witness(DIFFERENT, "", "device:8", "phone:1"), False, None),
        (Witness(DIFFERENT, "", "phone:8", "phone:1"), False, Witness(DIFFERENT, "", "phone:8", "phone:1")),
        (Witness(DIFFERENT, "", "crm:1", "phone:8"), True, None),
        (Witness(DIFFERENT, "", "device:1", "phone:8"), True, None),
        (Witness(ObstacleKind.WINDOW), True, None),
        (Witness(ObstacleKind.OWNER), False, None),
    ],
    ids=str,
)
def test_a_witness_is_renewed_as_long_as_it_proves_the_refusal(
    witness: Witness, inner_is_a: bool, renewed: Witness | None
) -> None:
    referee, (inner, _) = make_referee(
        "phone:1 phone:2 device:1", "crm:1", different=(("phone:1", "phone:8"), ("crm:1", "phone:8"))
    )
    assert referee.renew(witness, inner, inner_is_a=inner_is_a) == renewed


@pytest.mark.parametrize(
    "witness",
    [
        Witness(LIMIT, "openid/wx'\"1", 3, 1),
        Witness(SIZE, "", 400, 101),
        Witness(DIFFERENT, "", "crm:阿", 'crm:"\\'),
        Witness(ObstacleKind.WINDOW),
        Witness(ObstacleKind.OWNER),
    ],
    ids=lambda witness: witness.kind,
)
def test_a_witness_is_read_back_as_it_was_written(witness: Witness) -> None:
    assert Witness.decode(witness.encode()) == witness


def test_a_written_witness_says_what_stood_against_the_link() -> None:
    assert Witness(DIFFERENT, "", "crm:阿", "crm:1").encode() == '["different","","crm:阿","crm:1"]'
    assert Witness(LIMIT, "phone", 2, 1).encode() == '["limit","phone",2,1]'
