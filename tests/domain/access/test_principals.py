from identity_graph.domain.access.principals import ALL_SCOPES, COMMAND, SERVICE, Principal, Scope, in_order


def test_scopes_are_listed_in_the_order_in_which_they_are_documented() -> None:
    assert in_order({Scope.ADMIN, Scope.READ, Scope.WRITE}) == [Scope.WRITE, Scope.READ, Scope.ADMIN]
    assert in_order([]) == []


def test_only_pii_shows_personal_data() -> None:
    assert Principal("crm", "key", frozenset({Scope.PII})).sees_personal_data
    assert not Principal("crm", "key", ALL_SCOPES - {Scope.PII}).sees_personal_data


def test_commands_and_the_service_itself_have_all_scopes() -> None:
    assert COMMAND.scopes == SERVICE.scopes == ALL_SCOPES
