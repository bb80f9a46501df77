"""What Apache Velocity itself makes of templates; ``python -m tools.velocity`` (``make velocity``)."""
