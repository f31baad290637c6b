"""What the log keeps of who acts and of what is touched."""

from identity_graph.domain.access.principals import ALL_SCOPES, Principal
from identity_graph.domain.audit.entries import LONGEST_TEXT, Who, clean
from identity_graph.domain.audit.objects import hash_text, name_identifier, name_object

KEY = b"k" * 32
CUSTOMER = "cus_" + "0a" * 16


def test_who_acts_is_kept_without_scopes() -> None:
    assert Who.of(Principal("crm", "key", ALL_SCOPES, "key_1", "10.0.0.1")) == Who("crm", "key", "key_1", "10.0.0.1")
    assert Who.of(Principal("command", "command", ALL_SCOPES)) == Who("command", "command", "", "")


def test_a_name_cannot_forge_a_line() -> None:
    assert clean("a\nb\ud800\x1b[2J") == "a�b��[2J"
    assert len(clean("x" * 1000)) == LONGEST_TEXT


def test_ids_of_this_service_stand_as_they_are() -> None:
    for id in (CUSTOMER, "evt_" + "f" * 32, "rfm_12"):
        assert name_object(KEY, id) == id


def test_whatever_else_comes_as_an_id_is_hashed() -> None:
    for id in ("+8613800000000", "cus_13800000000", "idn_" + "ab" * 16, CUSTOMER + "0", "cus_" + "\ud800", ""):
        named = name_object(KEY, id)
        assert named == hash_text(KEY, id)
        assert len(named) == len("hash_") + 32


def test_a_hash_depends_on_the_key_and_the_whole_identifier() -> None:
    assert name_identifier(KEY, "phone", "1") == name_identifier(KEY, "phone", "1")
    assert (
        len(
            {
                name_identifier(KEY, "phone", "1"),
                name_identifier(b"x", "phone", "1"),
                name_identifier(KEY, "email", "1"),
            }
        )
        == 3
    )
