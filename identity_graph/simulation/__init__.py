"""A simulated omnichannel retailer with known truth, to measure how well and how fast customers are resolved."""

from identity_graph.simulation.retail import EVENTS_PER_PERSON, SimulatedMessage, Simulation, simulate
from identity_graph.simulation.truth import PairwiseScore, Truth, evaluate

__all__ = ["EVENTS_PER_PERSON", "PairwiseScore", "SimulatedMessage", "Simulation", "Truth", "evaluate", "simulate"]
