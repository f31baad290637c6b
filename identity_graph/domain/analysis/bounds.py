"""How much one answer may keep apart: so that the memory of the service is bounded, whatever is asked."""

from identity_graph.errors import InvalidInputError

MOST_KINDS = 100_000
"""Different paths, groups or kinds of visits that one answer may have. More are no answer that anybody reads."""


def check_kinds(count: int, what: str) -> None:
    """Refuse more than can be told apart.

    Raises:
        InvalidInputError: there are too many.
    """
    if count > MOST_KINDS:
        raise InvalidInputError(
            f"There are more than {MOST_KINDS:,} {what}: ask for a shorter time, for fewer events, or by something with fewer values.",
            maximum=MOST_KINDS,
        )
