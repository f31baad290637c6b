"""The part of a transaction that cuts sessions, and the reading of journeys."""
