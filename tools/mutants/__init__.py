"""Bugs planted on purpose: one rule of framing loosened at a time, to see that a test notices."""
