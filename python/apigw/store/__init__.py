"""Storage: the protocol and its implementations."""
