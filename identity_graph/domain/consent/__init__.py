"""Consent: what people allowed, to which purpose and through which channel, and what follows from that."""
