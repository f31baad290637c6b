"""Judgements, unlinks, retractions."""
