"""Names of events that are probably one: other spellings and typing errors, and no numbers or short words."""

import pytest

from identity_graph.domain.health.event_names import MOST_NAMES, Likeness, SimilarNames, find_similar_names


def found(*names: str) -> list[SimilarNames]:
    return find_similar_names({name: 100 - number for number, name in enumerate(names)})


@pytest.mark.parametrize(
    "other", ["order completed", "order_completed", "OrderCompleted", "Order  Completed!", "Ｏrder Completed"]
)
def test_case_blanks_punctuation_and_width_are_spelling(other: str) -> None:
    assert found("Order Completed", other, "Cart Viewed") == [
        SimilarNames(("Order Completed", other), Likeness.SPELLING)
    ]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Order Completed", "Order Complete"),
        ("Order Completed", "Ordr Complted"),
        ("Add to cart", "Add to card"),
        ("Login", "Logim"),
    ],
)
def test_one_or_two_letters_are_a_typing_error(name: str, other: str) -> None:
    assert found(name, other) == [SimilarNames((name, other), Likeness.TYPO)]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Order Completed", "Order Cancelled"),
        ("Step 1 done", "Step 2 done"),
        ("Signed In", "Signed Up"),
        ("加入购物车", "移出购物车"),
        ("Open", "Opens"),
        ("Opens", "Open"),
        ("Play", "Pray"),
        ("!!!", "???"),
    ],
)
def test_other_words_and_other_numbers_are_other_names(name: str, other: str) -> None:
    assert found(name, other) == []


def test_a_typing_error_is_told_of_the_most_frequent_spelling_and_the_most_frequent_first() -> None:
    assert find_similar_names({"cart viewed": 1, "Cart Viewed": 9, "Cart Vieved": 2, "Log in": 50, "log-in": 1}) == [
        SimilarNames(("Log in", "log-in"), Likeness.SPELLING),
        SimilarNames(("Cart Viewed", "Cart Vieved"), Likeness.TYPO),
        SimilarNames(("Cart Viewed", "cart viewed"), Likeness.SPELLING),
    ]


def test_of_very_many_names_those_of_most_messages_are_compared() -> None:
    counts = {f"{letters(number)} is one": 5 for number in range(MOST_NAMES)} | {"Paid": 9, "paid ": 1}
    assert SimilarNames(("Paid", "paid "), Likeness.SPELLING) not in find_similar_names(counts)


def letters(number: int) -> str:
    """Write a number in letters, so that no two of them are alike."""
    return "".join(chr(ord("a") + int(digit)) * 4 for digit in str(number))
