"""Identifiers as AWS makes them (control-plane facts, section 5), from the operating system's randomness."""

from __future__ import annotations

import secrets
import string

_LOWER = string.ascii_lowercase + string.digits
_MIXED = string.ascii_letters + string.digits


class RandomIds:
    """``control.operation.Ids``; stateless."""

    def short(self) -> str:
        """Six of ``[a-z0-9]``."""
        return _text(_LOWER, 6)

    def api(self) -> str:
        """Ten of ``[a-z0-9]``."""
        return _text(_LOWER, 10)

    def secret(self) -> str:
        """Forty of ``[A-Za-z0-9]``."""
        return _text(_MIXED, 40)


def _text(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))
