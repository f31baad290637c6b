"""Connected components of anything that is joined in pairs."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Components(Generic[T]):
    """A union-find with path halving (Tarjan and van Leeuwen, 1984). What is asked for first is a component of its own."""

    __slots__ = ("_parent",)

    def __init__(self) -> None:
        self._parent: dict[T, T] = {}

    def root(self, item: T) -> T:
        """Name the component of an item; it stays the name until the next ``join``."""
        parent = self._parent
        above = parent.setdefault(item, item)
        while above != item:
            parent[item] = parent[above]
            item = parent[item]
            above = parent[item]
        return item

    def join(self, one: T, other: T) -> None:
        """Make one component of two."""
        self._parent[self.root(one)] = self.root(other)

    def group(self, items: Iterable[T]) -> list[list[T]]:
        """Group items by their components, in the order in which they come."""
        groups: dict[T, list[T]] = {}
        for item in items:
            groups.setdefault(self.root(item), []).append(item)
        return list(groups.values())
