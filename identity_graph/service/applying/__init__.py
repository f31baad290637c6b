"""Bringing a graph that is in use under something else: step by step, in the background, resumed where it was cut off."""
