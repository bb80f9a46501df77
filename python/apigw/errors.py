"""The one error that users of the Python API need to catch; the modules that raise it say what each kind means."""

from __future__ import annotations


class GatewayError(Exception):
    """Why a gateway did not start, or did not do what was asked; its text says what to do about it."""
