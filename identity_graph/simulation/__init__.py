"""A simulated omnichannel retailer with known truth, to measure how well and how fast customers are resolved."""

from identity_graph.simulation.back_office import BackOffice, RecordFile
from identity_graph.simulation.retail import DAYS, EVENTS_PER_PERSON, SimulatedMessage, Simulation, simulate
from identity_graph.simulation.truth import PairwiseScore, Truth, evaluate

__all__ = [
    "DAYS",
    "EVENTS_PER_PERSON",
    "BackOffice",
    "PairwiseScore",
    "RecordFile",
    "SimulatedMessage",
    "Simulation",
    "Truth",
    "evaluate",
    "simulate",
]
