"""Journeys: touchpoints, cut into sessions."""
