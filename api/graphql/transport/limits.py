"""How much one document may hold. The limits are generous: they stop accidents and attacks, not work.

A document is measured before it is validated, since validation compares fields that stand for the same place pair by pair.
"""

from collections.abc import Iterable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MAX_TOKENS = 5_000
"""Words and signs of a document."""

MAX_DEPTH = 20
"""Levels of fields inside fields."""

MAX_FIELDS = 1_000
"""Fields of an operation, each fragment counted where it is used and each alias as a field of its own."""

MAX_FIELDS_OF_ALL = 5_000
"""Fields of all operations and fragments of a document together, counted in the same way."""

MAX_ALIASES = 100
"""Fields that are given another name."""

MAX_DIRECTIVES = 50
"""Directives of a document."""

MAX_PAIRS = 5_000
"""Pairs of fields that stand for the same place of the answer: validation compares each of them."""

WEIGHTS = {"previewSegment": 100, "overlap": 50, "explainMembership": 20}
"""Fields that look at many customers, or at all facts of one, count as so many."""

_Fragments = dict[str, SelectionSetNode]
_Definition = OperationDefinitionNode | FragmentDefinitionNode


def find_excess(document: DocumentNode) -> GraphQLError | None:
    """Measure a document that was parsed, valid or not, but without circles of fragments (``has_circle``).

    It takes time linear in the length and in ``MAX_FIELDS_OF_ALL``.
    """
    definitions = [one for one in document.definitions if isinstance(one, _Definition)]
    fragments = _fragments_of(document)
    return (
        _find_excess_of_fields(definitions, fragments)
        or _find_excess_of_words(definitions)
        or _find_excess_of_pairs(definitions, fragments)
    )


def has_circle(document: DocumentNode) -> bool:
    """Tell whether a fragment of a document holds itself, in however many steps."""
    fragments = _fragments_of(document)
    uses = {
        name: {node.name.value for node in selections_below(selections) if isinstance(node, FragmentSpreadNode)}
        for name, selections in fragments.items()
    }
    done: set[str] = set()
    for start in uses:
        above: list[str] = []
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            name, is_left = waiting.pop()
            if is_left:
                above.pop()
                done.add(name)
            elif name in above:
                return True
            elif name not in done:
                above.append(name)
                waiting.append((name, True))
                waiting += [(used, False) for used in uses.get(name, ())]
    return False


def _find_excess_of_fields(definitions: Iterable[_Definition], fragments: _Fragments) -> GraphQLError | None:
    measured: dict[str, tuple[int, int]] = {}
    total = 0

    def measure(selections: SelectionSetNode | None) -> tuple[int, int]:
        """Count the fields and the levels of a selection."""
        fields = depth = 0
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    inner_fields, inner_depth = measure(node.selection_set)
                    inner_fields, inner_depth = inner_fields + WEIGHTS.get(node.name.value, 1), inner_depth + 1
                case FragmentSpreadNode():
                    name = node.name.value
                    if name not in measured:
                        measured[name] = measure(fragments.get(name))
                    inner_fields, inner_depth = measured[name]
                case InlineFragmentNode():
                    inner_fields, inner_depth = measure(node.selection_set)
                case _:
                    continue
            fields, depth = fields + inner_fields, max(depth, inner_depth)
        return fields, depth

    for definition in definitions:
        fields, depth = measure(definition.selection_set)
        total += fields
        if depth > MAX_DEPTH:
            return GraphQLError(f"The operation is {depth} levels deep; {MAX_DEPTH} are allowed.", definition)
        if fields > MAX_FIELDS:
            return GraphQLError(f"The operation asks for {fields} fields; {MAX_FIELDS} are allowed.", definition)
        if total > MAX_FIELDS_OF_ALL:
            return GraphQLError(f"The document asks for more than {MAX_FIELDS_OF_ALL} fields in all.", definition)
    return None


def _find_excess_of_words(definitions: Iterable[_Definition]) -> GraphQLError | None:
    aliases = directives = 0
    for definition in definitions:
        directives += len(definition.directives or ())
        for node in selections_below(definition.selection_set):
            aliases += isinstance(node, FieldNode) and node.alias is not None
            directives += len(node.directives or ())
    if aliases > MAX_ALIASES:
        return GraphQLError(f"The document has {aliases} aliases; {MAX_ALIASES} are allowed.")
    if directives > MAX_DIRECTIVES:
        return GraphQLError(f"The document has {directives} directives; {MAX_DIRECTIVES} are allowed.")
    return None


def _find_excess_of_pairs(definitions: Iterable[_Definition], fragments: _Fragments) -> GraphQLError | None:
    for definition in definitions:
        if _count_pairs([definition.selection_set], fragments) > MAX_PAIRS:
            return GraphQLError("The operation repeats the same fields too often.", definition)
    return None


def _count_pairs(together: list[SelectionSetNode], fragments: _Fragments) -> int:
    """Count the pairs of fields that stand for the same place, in selections that are merged."""
    places: dict[str, list[SelectionSetNode]] = {}
    times: dict[str, int] = {}
    waiting = list(together)
    while waiting:
        for node in waiting.pop().selections:
            match node:
                case FieldNode():
                    name = node.alias.value if node.alias else node.name.value
                    times[name] = times.get(name, 0) + 1
                    if node.selection_set is not None:
                        places.setdefault(name, []).append(node.selection_set)
                case FragmentSpreadNode():
                    inner = fragments.get(node.name.value)
                    if inner is not None:
                        waiting.append(inner)
                case InlineFragmentNode():
                    waiting.append(node.selection_set)
                case _:
                    pass
    pairs = sum(count * (count - 1) // 2 for count in times.values())
    if pairs > MAX_PAIRS:
        return pairs
    return pairs + sum(_count_pairs(selections, fragments) for selections in places.values())


def _fragments_of(document: DocumentNode) -> _Fragments:
    return {
        node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }


def selections_below(selections: SelectionSetNode | None) -> Iterable[Any]:
    """Give all nodes of a selection, however deep, without those of its fragments."""
    waiting = [selections]
    while waiting:
        current = waiting.pop()
        for node in current.selections if current else ():
            yield node
            if isinstance(node, FieldNode | InlineFragmentNode):
                waiting.append(node.selection_set)
