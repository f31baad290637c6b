"""Consents: what identifiers decided, and the statements of events that it follows from."""
