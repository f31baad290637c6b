"""Activation: destinations, their deliveries, and alerts."""
