"""Bridges: the links without which a customer falls apart."""

from collections.abc import Iterable

Pair = tuple[str, str]


def find_bridges(pairs: Iterable[Pair]) -> set[Pair]:
    """Find the pairs that lie on no circle, in time linear in their number.

    Each unordered pair comes once. After R. Tarjan, "A note on finding the bridges of a graph" (1974), without recursion.
    """
    neighbours: dict[str, list[tuple[str, Pair]]] = {}
    for pair in pairs:
        a, b = pair
        neighbours.setdefault(a, []).append((b, pair))
        neighbours.setdefault(b, []).append((a, pair))
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    bridges: set[Pair] = set()
    for start in neighbours:
        if start in order:
            continue
        order[start] = lowest[start] = len(order)
        stack: list[tuple[str, Pair | None, int]] = [(start, None, 0)]
        while stack:
            node, came_by, position = stack.pop()
            if position < len(neighbours[node]):
                stack.append((node, came_by, position + 1))
                other, pair = neighbours[node][position]
                if pair is came_by:
                    continue
                if other in order:
                    lowest[node] = min(lowest[node], order[other])
                else:
                    order[other] = lowest[other] = len(order)
                    stack.append((other, pair, 0))
            elif came_by is not None:
                parent = stack[-1][0]
                lowest[parent] = min(lowest[parent], lowest[node])
                if lowest[node] > order[parent]:
                    bridges.add(came_by)
    return bridges
