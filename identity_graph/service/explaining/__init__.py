"""Answers to "why": chains, obstacles, violations, and what holds a customer together."""
