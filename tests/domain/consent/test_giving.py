import pytest

from identity_graph.domain.consent.giving import find_giver
from identity_graph.domain.consent.statements import OPT_OUT, ConsentState, Statement
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.identifiers import Identifier

MEI, COOKIE = Identifier("user_id", "mei"), Identifier("anonymous_id", "c1")


@pytest.mark.parametrize(
    ("of_visitor", "seen", "giver"),
    [
        (True, (MEI, COOKIE), COOKIE),
        (False, (MEI, COOKIE), MEI),
        (True, (MEI,), MEI),
        (False, (), None),
        (True, (), None),
    ],
)
def test_what_is_stamped_on_a_device_is_its_own_and_a_decision_is_of_whoever_is_behind_it(
    of_visitor: bool, seen: tuple[Identifier, ...], giver: Identifier | None
) -> None:
    statement = Statement(OPT_OUT, ConsentState.DENIED, of_visitor=of_visitor)
    assert find_giver(statement, seen, load_preset()) == giver
