"""The texts that ``/metrics`` serves, read back: samples of Prometheus's format and of OpenMetrics.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_SAMPLE: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+([^ \t]+)")
_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")


class Sample(msgspec.Struct, frozen=True):
    """One line: ``name{label="…"} value``."""

    name: str
    labels: dict[str, str]
    value: float


def samples(text: str) -> list[Sample]:
    """All samples of a text; what is none (comments, exemplars) is passed over."""
    found = []
    for line in text.splitlines():
        match = None if line.startswith("#") else _SAMPLE.match(line.partition(" # ")[0])
        if match is None:
            continue
        try:
            value = float(match[3])
        except ValueError:
            continue
        labels = {name: _ESCAPED.sub(_unescaped, written) for name, written in _LABEL.findall(match[2] or "")}
        found.append(Sample(match[1], labels, value))
    return found


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]
