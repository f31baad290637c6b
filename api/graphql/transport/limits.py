"""How much one document may ask for. The limits are generous: they stop accidents, not work."""

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

WEIGHTS = {"previewSegment": 100, "overlap": 50, "explainMembership": 20}
"""Fields that look at many customers, or at all facts of one, count as so many."""


def find_excess(document: DocumentNode) -> GraphQLError | None:
    """Measure a valid document, which has no circles of fragments, in time linear in its length."""
    fragments = {
        node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    measured: dict[str, tuple[int, int]] = {}

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
                        measured[name] = measure(fragments[name])
                    inner_fields, inner_depth = measured[name]
                case InlineFragmentNode():
                    inner_fields, inner_depth = measure(node.selection_set)
                case _:
                    continue
            fields, depth = fields + inner_fields, max(depth, inner_depth)
        return fields, depth

    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            fields, depth = measure(operation.selection_set)
            if depth > MAX_DEPTH:
                return GraphQLError(f"The operation is {depth} levels deep; {MAX_DEPTH} are allowed.", operation)
            if fields > MAX_FIELDS:
                return GraphQLError(f"The operation asks for {fields} fields; {MAX_FIELDS} are allowed.", operation)
    return None
