"""The bench: how much CPU a request costs here, beside nginx, HAProxy and a byte copier. See ``bench/README.md``."""
