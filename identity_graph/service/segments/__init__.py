"""Segments: reading what their rules look at, and finding whom they hold for."""
