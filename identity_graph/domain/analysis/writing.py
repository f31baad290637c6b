"""Writing an experiment as plain values: what ``experiments`` reads, with every time as it was written."""

from typing import Any

from identity_graph.domain.analysis.conversions import ConversionRule
from identity_graph.domain.analysis.experiments import ExperimentDraft
from identity_graph.domain.segments.writing import write_rule


def write_experiment(experiment: ExperimentDraft) -> dict[str, Any]:
    """Write an experiment as a mapping."""
    return {
        "name": experiment.name,
        "description": experiment.description,
        "salt": experiment.salt,
        "variants": [{"name": one.name, "weight": one.weight} for one in experiment.variants],
        "holdOut": float(experiment.hold_out),
        "from": experiment.start.text,
        "to": experiment.end.text,
        "window": experiment.window.text,
        "conversion": write_conversion(experiment.conversion),
    }


def write_conversion(conversion: ConversionRule) -> dict[str, Any]:
    """Write what counts as a conversion."""
    value = {} if conversion.value is None else {"value": conversion.value}
    return {**write_rule(conversion.rule), **value}
