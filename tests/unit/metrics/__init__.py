"""Tests of what reads the metrics back."""
