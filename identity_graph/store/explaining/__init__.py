"""Paths and obstacles between identifiers."""
