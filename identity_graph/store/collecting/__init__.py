"""Events, their counters, dead letters and imports."""
