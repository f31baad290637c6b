"""Segments: their rules, who is in them, and what is to be evaluated."""
