"""What ``/metrics`` says, read back; pure."""
