"""Destinations, what is to be delivered to them, and alerts."""
