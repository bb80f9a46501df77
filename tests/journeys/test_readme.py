"""What the README tells a newcomer to do, done: its Python is run against a gateway."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.conftest import ROOT
from tests.journeys.conftest import ServedGateway

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_api(shared_gateway: ServedGateway) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert "127.0.0.1:8080" in block
    done = subprocess.run(
        [sys.executable, "-c", block.replace("127.0.0.1:8080", shared_gateway.listen)],
        env=shared_gateway.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, '{"message": "hello"}\n'), done.stderr
