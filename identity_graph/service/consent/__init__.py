"""Consents: what people said, written with their events, and what follows from that for whoever asks."""
