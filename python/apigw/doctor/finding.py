"""What a check says: fine, a doubt or a fault, in one sentence, and what to do."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["ok", "warning", "failure"]


class Finding(msgspec.Struct, frozen=True):
    """One check's answer; ``advice`` is empty when all is well."""

    check: str
    state: State
    message: str
    advice: str = ""


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", message)


def warning(check: str, message: str, advice: str) -> Finding:
    """A gateway runs, but not as well as it could."""
    return Finding(check, "warning", message, advice)


def failure(check: str, message: str, advice: str) -> Finding:
    """A gateway does not run, or loses something."""
    return Finding(check, "failure", message, advice)


def amount(count: float) -> str:
    """Bytes as people read them."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
