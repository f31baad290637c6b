"""Identifiers, links and customers: locked, read and written by the units of work."""
