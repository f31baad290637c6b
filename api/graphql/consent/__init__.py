"""Consents: what customers allow, and recording what somebody said."""
