"""Segments kept current: who is in them is evaluated in the background, in step with the facts and with time."""
