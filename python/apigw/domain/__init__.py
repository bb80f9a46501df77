"""Rules: frozen Structs and pure functions; no I/O, no clock, no wire names."""
