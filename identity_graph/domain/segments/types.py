"""Which types values have, and which operators make sense for each."""

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.trait_types import ValueType
from identity_graph.domain.segments.comparing import Kind
from identity_graph.domain.segments.rule_tree import LISTING, ORDERING, RELATIVE, Metric, Operator

_EQUAL = frozenset({Operator.EQ, Operator.NE, Operator.EXISTS})
_PARTS = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})

OPERATORS: dict[ValueType, frozenset[Operator]] = {
    ValueType.TEXT: _EQUAL | LISTING | _PARTS,
    ValueType.INTEGER: _EQUAL | LISTING | ORDERING,
    ValueType.DECIMAL: _EQUAL | LISTING | ORDERING,
    ValueType.BOOLEAN: _EQUAL,
    ValueType.DATE: _EQUAL | LISTING | ORDERING | RELATIVE,
    ValueType.MOMENT: _EQUAL | LISTING | ORDERING | RELATIVE,
    ValueType.LIST: frozenset({Operator.CONTAINS, Operator.EXISTS}),
    ValueType.OBJECT: frozenset({Operator.EXISTS}),
    ValueType.ANY: frozenset(Operator),
}
"""The operators that make sense for values of each type, and are offered for them."""

_KINDS = {
    ValueType.TEXT: Kind.TEXT,
    ValueType.INTEGER: Kind.NUMBER,
    ValueType.DECIMAL: Kind.NUMBER,
    ValueType.BOOLEAN: Kind.FLAG,
    ValueType.DATE: Kind.TIME,
    ValueType.MOMENT: Kind.TIME,
}

METRIC_TYPES: dict[Metric, ValueType] = {
    Metric.ORDERS: ValueType.INTEGER,
    Metric.REVENUE: ValueType.DECIMAL,
    Metric.AVERAGE_ORDER: ValueType.DECIMAL,
    Metric.RECENCY_DAYS: ValueType.INTEGER,
    Metric.SESSIONS: ValueType.INTEGER,
    Metric.RFM_RECENCY: ValueType.INTEGER,
    Metric.RFM_FREQUENCY: ValueType.INTEGER,
    Metric.RFM_MONETARY: ValueType.INTEGER,
    Metric.LIFECYCLE: ValueType.TEXT,
    Metric.PREFERRED_CHANNEL: ValueType.TEXT,
    Metric.REFUNDED: ValueType.DECIMAL,
    Metric.QUALITY: ValueType.DECIMAL,
}
"""What each metric is; a stage of life and a channel are words of a list."""

SCORES = (Metric.RFM_RECENCY, Metric.RFM_FREQUENCY, Metric.RFM_MONETARY)
"""The metrics that need an RFM cut, in the order of the digits of a score."""

ORDER_TYPES: dict[str, ValueType] = {
    **dict.fromkeys(("total", "revenue", "net", "refunded", "shipping", "tax", "discount"), ValueType.DECIMAL),
    "currency": ValueType.TEXT,
    "state": ValueType.TEXT,
}
"""The properties of orders. Amounts are in the reporting currency where the catalogue names one, else in the order's own."""


def kind_of(type: ValueType) -> Kind:
    """Tell as what values of a type are compared."""
    return _KINDS.get(type, Kind.EITHER)


def type_of_trait(name: str, catalogue: Catalogue) -> ValueType:
    """Tell the type of a trait's value, a computed one's too; a trait that the catalogue does not declare may hold anything."""
    computed = catalogue.computed.get(name)
    if computed is None:
        return catalogue.trait(name).result
    if computed.named:
        return ValueType.TEXT
    return computed.as_trait().result
