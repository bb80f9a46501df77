"""apigw: Amazon API Gateway that anyone can run. The Python API is here; docs/python.md is its guide.

Names are imported when they are used: ``apigw --help`` loads no engine.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw.config.values import SettingError
    from apigw.documents import DocumentError, Problem
    from apigw.documents.changes import Changes
    from apigw.errors import GatewayError
    from apigw.gateway import Gateway
    from apigw.gateway.apis import Api, Change

__all__ = ["Api", "Change", "Changes", "DocumentError", "Gateway", "GatewayError", "Problem", "SettingError"]

_HOMES = {
    "Api": "apigw.gateway.apis",
    "Change": "apigw.gateway.apis",
    "Changes": "apigw.documents.changes",
    "DocumentError": "apigw.documents",
    "Gateway": "apigw.gateway",
    "GatewayError": "apigw.errors",
    "Problem": "apigw.documents",
    "SettingError": "apigw.config.values",
}

# A type checker would take it for a promise of any name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'apigw' has no attribute {name!r}")
        return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
