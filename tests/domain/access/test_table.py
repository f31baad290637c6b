import pytest

from identity_graph.domain.access.principals import Principal, Scope
from identity_graph.domain.access.table import FieldNeed, Needs, Shown, lacking, parse_table

READ, PII, SEGMENTS = frozenset({Scope.READ}), frozenset({Scope.PII}), frozenset({Scope.SEGMENTS})


def test_a_table_says_what_fields_and_their_arguments_need() -> None:
    table = parse_table("""
Query
  read: node(id) customers(filter:segments+pii
    first)
    rules
  -: ping
Identifier
  read masked: value
  read segments rounded: size
""")

    assert table == {
        "Query": {
            "node": FieldNeed(READ, Shown.WHOLE, {"id": frozenset()}),
            "customers": FieldNeed(READ, Shown.WHOLE, {"filter": SEGMENTS | PII, "first": frozenset()}),
            "rules": FieldNeed(READ, Shown.WHOLE, {}),
            "ping": FieldNeed(frozenset(), Shown.WHOLE, {}),
        },
        "Identifier": {
            "value": FieldNeed(READ, Shown.MASKED, {}),
            "size": FieldNeed(READ | SEGMENTS, Shown.ROUNDED, {}),
        },
    }


@pytest.mark.parametrize(
    "text", ["Query\n  read: a\n  pii: a", "Query\nQuery", "Query\n  god: a", "Query\n  read: a(b:god)"]
)
def test_a_table_with_a_mistake_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"twice|god"):
        parse_table(text)


def test_an_error_says_what_is_missing_and_for_what() -> None:
    needs = Needs({Scope.RULES: ("Mutation.applyRules",), Scope.READ: tuple(f"Customer.f{n}" for n in range(9))})

    error = lacking(needs, Principal("crm", "key", READ))
    assert error is not None
    assert error.message == "Mutation.applyRules needs the scope `rules`. 'crm' has `read`."
    assert error.facts == {"missing": ["RULES"], "needed": ["READ", "RULES"]}

    nothing = lacking(needs, Principal("crm", "key", frozenset()))
    assert nothing is not None
    assert "Customer.f4 and others needs the scope `read`" in nothing.message
    assert nothing.message.endswith("'crm' has no scope.")

    assert lacking(needs, Principal("crm", "key", READ | {Scope.RULES})) is None
