"""Journeys: touchpoints and sessions."""
