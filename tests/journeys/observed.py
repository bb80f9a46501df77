"""What a gateway tells of itself: its metrics, and the logs that stages ask for."""

from __future__ import annotations

import re

import httpx

from tests.journeys.conftest import ServedGateway

ARN = "arn:aws:logs:us-east-1:123456789012:log-group:"


def metric(gateway: ServedGateway, name: str) -> int:
    """The sum of a metric's series."""
    text = httpx.get(f"{gateway.admin}/metrics").text
    return sum(int(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\d+)$", text, re.MULTILINE))


def written(gateway: ServedGateway, group: str, count: int) -> list[str]:
    """The lines of a log once there are ``count``; split at line feeds alone, as a reader of lines does."""
    path = gateway.data_dir / "logs" / "us-east-1" / f"{group.replace('/', '+')}.log"
    text = ""
    while text.count("\n") < count:
        text = path.read_text() if path.exists() else ""
    return text.removesuffix("\n").split("\n")
