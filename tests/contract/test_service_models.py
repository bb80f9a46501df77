"""``tools/service_models.py``: no documentation, the same bytes every time, nothing else lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.loaders

from tools.service_models import MODELS, write_models


def test_the_models_are_botocores_without_documentation(tmp_path: Path) -> None:
    paths = write_models(tmp_path)
    assert [path.name for path in paths] == [f"{service}-{version}.json" for service, version in MODELS]
    for (service, version), path in zip(MODELS, paths, strict=True):
        source = botocore.loaders.Loader().load_service_model(service, "service-2", version)
        written = json.loads(path.read_bytes())
        assert list(written["operations"]) == list(source["operations"])
        assert _types(written) == _types(source)
        assert "<p>" not in path.read_text(encoding="utf-8")


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_models(tmp_path)]
    stamps = [path.stat().st_mtime_ns for path in tmp_path.iterdir()]
    assert [path.read_bytes() for path in write_models(tmp_path)] == first
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == stamps


def _types(model: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(member, reference["shape"]) for member, reference in shape.get("members", {}).items()]
        for name, shape in model["shapes"].items()
    }
