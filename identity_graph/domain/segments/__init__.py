"""Segments: rules that say who belongs to an audience, what they mean, and when an answer changes with time alone."""
