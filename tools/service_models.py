"""Writes the AWS service models the wire is driven by, without documentation, from the installed botocore.

Called by the build backend and by ``make setup``; botocore is needed to build and to test, never to run. The output is
compact and depends on botocore's version only. botocore is Apache-2.0 (see NOTICE).
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

MODELS = (("apigateway", "2015-07-09"), ("apigatewayv2", "2018-11-29"))
TARGET = Path(__file__).resolve().parent.parent / "python" / "apigw" / "aws" / "models"
_DROPPED = frozenset({"documentation", "documentationUrl", "examples", "deprecatedMessage", "deprecatedSince"})
_NAME_KEYED = frozenset({"members", "shapes", "operations"})


def _stripped(value: Any, named: bool = False) -> Any:
    """``value`` without documentation; keys of a ``named`` mapping are names, so none is dropped there."""
    if isinstance(value, dict):
        return {k: _stripped(v, k in _NAME_KEYED and not named) for k, v in value.items() if named or k not in _DROPPED}
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    return value


def _source(service: str, version: str) -> dict[str, Any]:
    spec = importlib.util.find_spec("botocore")
    if spec is None or spec.origin is None:
        raise RuntimeError("botocore is needed to write the service models: pip install botocore")
    stem = Path(spec.origin).parent / "data" / service / version / "service-2.json"
    packed = stem.with_suffix(".json.gz")
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else stem.read_bytes()
    model: dict[str, Any] = json.loads(text)
    return model


def write_models(target_dir: str | os.PathLike[str] = TARGET) -> list[Path]:
    """Write one ``{service}-{version}.json`` a model into ``target_dir`` and return the paths."""
    target = Path(target_dir)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for service, version in MODELS:
        text = json.dumps(_stripped(_source(service, version)), separators=(",", ":"), ensure_ascii=False) + "\n"
        path = target / f"{service}-{version}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            partial = path.with_suffix(".partial")
            partial.write_text(text, encoding="utf-8")
            partial.replace(path)
        written.append(path)
    return written


if __name__ == "__main__":
    for model_path in write_models(*sys.argv[1:2]):
        print(f"{model_path} {model_path.stat().st_size}")
