"""Secrets of destinations."""

import pytest

from identity_graph.domain.activation.signing import OVERLAP, is_secret, make_secret, rotate, signing_secrets
from tests.worlds.activation import NOW, SECRET


def test_a_made_secret_is_one() -> None:
    assert is_secret(make_secret(b"x" * 32))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (SECRET, True),
        (make_secret(b"x" * 24), True),
        (make_secret(b"x" * 64), True),
        (make_secret(b"x" * 23), False),
        (make_secret(b"x" * 65), False),
        (SECRET.removeprefix("whsec_"), False),
        ("whsec_", False),
        ("whsec_not base64!", False),
        ("whsec_ä", False),
        (SECRET + "\n", False),
    ],
)
def test_a_secret_has_the_form_of_the_specification(text: str, answer: bool) -> None:
    assert is_secret(text) is answer


def test_a_rotated_secret_signs_for_a_day_yet() -> None:
    new, former = rotate("a", [], "b", NOW)
    assert signing_secrets(new, former, NOW) == ["b", "a"]
    assert signing_secrets(new, former, NOW + OVERLAP - 1) == ["b", "a"]
    assert signing_secrets(new, former, NOW + OVERLAP) == ["b"]


def test_two_rotations_in_a_day_leave_no_receiver_without_a_signature() -> None:
    new, former = rotate(*rotate("a", [], "b", NOW), "c", NOW + 1)
    assert signing_secrets(new, former, NOW + 2) == ["c", "b", "a"]
    newest, left = rotate(new, former, "d", NOW + OVERLAP)
    assert signing_secrets(newest, left, NOW + OVERLAP) == ["d", "c", "b"]


def test_rotating_to_the_same_secret_or_back_keeps_each_once() -> None:
    assert rotate("a", [("b", NOW + 5)], "a", NOW) == ("a", [("b", NOW + 5)])
    new, former = rotate(*rotate("a", [], "b", NOW), "a", NOW)
    assert signing_secrets(new, former, NOW) == ["a", "b"]
