"""Observations, dead letters, and the counters of what came in."""
