"""The demo: two sources of real input become customers in front of your eyes. Run ``make demo``."""
