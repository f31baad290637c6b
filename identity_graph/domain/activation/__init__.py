"""Activation: what connected systems are told, when it is tried again, and what exports hold. All of it is pure."""
