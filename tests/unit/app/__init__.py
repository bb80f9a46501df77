"""Tests of what app is made of."""
