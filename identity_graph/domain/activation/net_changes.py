"""What a list of transitions comes to: who is in now and was not, and who is not and was."""

from collections.abc import Iterable
from typing import Protocol


class Step(Protocol):
    """What is known of a transition."""

    @property
    def customer_id(self) -> str:
        """Who."""
        ...

    @property
    def entered(self) -> bool:
        """Whether they entered."""
        ...


def find_net_changes(steps: Iterable[Step]) -> dict[str, bool]:
    """Tell of each customer who is in where they were not (True), or the other way round, by the order of the steps.

    Who left and came back, or came and left, did not change.
    """
    first: dict[str, bool] = {}
    last: dict[str, bool] = {}
    for step in steps:
        first.setdefault(step.customer_id, step.entered)
        last[step.customer_id] = step.entered
    return {customer_id: entered for customer_id, entered in last.items() if entered == first[customer_id]}
