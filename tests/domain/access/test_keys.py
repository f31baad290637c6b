import pytest

from identity_graph.domain.access.keys import (
    ONLY_WRITE,
    AccessKeyView,
    Refusal,
    check_expiry,
    check_grant,
    check_name,
    check_source,
    is_source,
    judge_key,
    open_name,
    parse_scopes,
)
from identity_graph.domain.access.principals import ALL_SCOPES, Principal, Scope
from identity_graph.errors import ForbiddenError, InvalidInputError

KEY = AccessKeyView("key_1", "crm", frozenset({Scope.READ}), 1, None, None, None, None)


def test_a_key_is_refused_when_it_is_revoked_or_expired() -> None:
    assert judge_key(KEY, 5) is None
    assert judge_key(KEY._replace(expires_at=6), 5) is None
    assert judge_key(KEY._replace(expires_at=5), 5) is Refusal.EXPIRED
    assert judge_key(KEY._replace(revoked_at=1, expires_at=5), 5) is Refusal.REVOKED


def test_only_write_alone_names_a_source() -> None:
    assert is_source(ONLY_WRITE)
    assert not is_source(ALL_SCOPES)
    assert not KEY.is_source
    assert open_name("web", ONLY_WRITE) == "source/web"
    assert open_name("web", ALL_SCOPES) == "client/web"


def test_scopes_are_read_by_name() -> None:
    assert parse_scopes(["read", " PII "]) == {Scope.READ, Scope.PII}
    with pytest.raises(InvalidInputError, match="'god' is no scope; the scopes are write, read"):
        parse_scopes(["god"])
    with pytest.raises(InvalidInputError, match="at least one"):
        parse_scopes([])


def test_names_and_expiries_that_make_no_sense_are_refused() -> None:
    check_name("web shop")
    check_expiry(None, 5)
    check_expiry(6, 5)
    with pytest.raises(InvalidInputError):
        check_name(" ")
    with pytest.raises(InvalidInputError):
        check_expiry(5, 5)


def test_nobody_speaks_for_another_source_or_gives_away_what_they_lack() -> None:
    check_source(Principal("web", "key", ONLY_WRITE), "web")
    check_source(Principal("boss", "key", frozenset({Scope.WRITE, Scope.ADMIN})), "web")
    with pytest.raises(ForbiddenError, match=r"source 'crm'.* come as 'web'"):
        check_source(Principal("web", "key", ONLY_WRITE), "crm")
    with pytest.raises(ForbiddenError):
        check_source(Principal("web", "token", ONLY_WRITE), "web")
    check_grant(ALL_SCOPES, ONLY_WRITE)
    with pytest.raises(ForbiddenError, match="`write`"):
        check_grant(frozenset({Scope.ADMIN}), ONLY_WRITE)
