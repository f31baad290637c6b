from decimal import Decimal

from identity_graph.domain.segments.values import as_plain
from identity_graph.domain.values.observations import Channel


def test_what_a_condition_compares_is_written_as_json() -> None:
    compared = (Decimal("1E+2"), Channel.APP, [Decimal("0.10"), "a"], None, True, 3)
    assert as_plain(compared) == ["100", "APP", ["0.10", "a"], None, True, 3]
