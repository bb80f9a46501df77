"""A record for the store's tests; the store knows no family by name but ``rest_api``."""

from __future__ import annotations

import msgspec


class Pet(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    name: str
    age: int = 0


class Strict(msgspec.Struct, frozen=True):
    unheard_of: int
