"""Journeys and experiments, read page by page for analysis."""
