"""Segments: rules over customers, who is in, and why."""
