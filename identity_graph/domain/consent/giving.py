"""Whose a statement of consent is: of the device where it was stamped on a message, or of whoever is behind it."""

from collections.abc import Sequence

from identity_graph.domain.consent.statements import Statement
from identity_graph.domain.journeys.sessions import find_visitor
from identity_graph.domain.rules.ranking import find_strongest
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier


def find_giver(statement: Statement, identifiers: Sequence[Identifier], rules: RuleSet) -> Identifier | None:
    """Find the identifier that a statement is of, among those of its message; None without any.

    Statements of a device are of the visitor: others who use the device did not say them.
    """
    if not identifiers:
        return None
    return find_visitor(identifiers, rules) if statement.of_visitor else find_strongest(identifiers, rules)
