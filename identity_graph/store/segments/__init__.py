"""Segments: what their rules look at, and who belongs to them."""
