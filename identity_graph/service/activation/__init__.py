"""Activation: the outbox, webhooks, exports and alerts."""
