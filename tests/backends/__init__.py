"""The backends that tests start."""
