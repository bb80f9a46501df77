"""Python modules alone, without sockets."""
