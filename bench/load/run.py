"""`python -m bench.load.run`: locust's users walk the petstore on a gateway of its own; 1 when one is not content.

`make load` runs it a minute. The gateway must have counted the same requests as the users, and no answer of 5XX.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from apigw.metrics import activity, exposition
from bench.contenders import gateway
from bench.contenders.process import Server

ROOT = Path(__file__).resolve().parent.parent.parent
PETSTORE = ROOT / "examples" / "petstore" / "openapi.yaml"
USERS = Path(__file__).with_name("locustfile.py")
STAGE = "dev"
COUNTS = "counts.json"


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.load.run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--apigw", type=Path, default=Path(sys.executable).with_name("apigw"))
    parser.add_argument("--locust", type=Path, default=ROOT / ".venv-load" / "bin" / "locust")
    parser.add_argument("--document", type=Path, default=PETSTORE, help="what is served as the petstore")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Runs the load; 0 when every answer was as expected."""
    asked = arguments(words)
    with tempfile.TemporaryDirectory(prefix="apigw-load-") as name:
        directory = Path(name)
        server = gateway.bare(asked.apigw, directory, None)
        try:
            host = deploy(server, asked.document.read_bytes())
            code = walk(asked, host, directory)
            there = (directory / COUNTS).exists()
            found = complaints(server, directory) if there else [f"locust ended with {code} before its users did"]
        finally:
            server.stop()
    for complaint in found:
        print(f"load: {complaint}", file=sys.stderr)
    return 1 if code or found else 0


def deploy(server: Server, document: bytes) -> str:
    """Imports the petstore, with itself as its backend; the URL of its stage."""
    client = gateway.management(server)
    api_id = client.import_rest_api(body=document)["id"]
    backend = {"backend": f"127.0.0.1:{server.port}"}
    client.create_deployment(restApiId=api_id, stageName=STAGE, variables=backend)
    return f"http://127.0.0.1:{server.port}/_aws/execute-api/{api_id}/{STAGE}"


def walk(asked: argparse.Namespace, host: str, directory: Path) -> int:
    """Lets the users walk; locust's exit code, which is 1 when one of them was not content."""
    done = subprocess.run(
        [
            *(asked.locust, "--locustfile", USERS, "--host", host, "--headless", "--only-summary"),
            *("--users", str(asked.users), "--spawn-rate", str(asked.users), "--run-time", f"{asked.seconds}s"),
            # Whoever waits for an answer at the end gets it.
            *("--stop-timeout", "10"),
        ],
        cwd=directory,
        env={**os.environ, "LOAD_COUNTS": str(directory / COUNTS)},
        check=False,
    )
    return done.returncode


def complaints(server: Server, directory: Path) -> list[str]:
    """What the gateway's own numbers say against the run."""
    made: dict[str, int] = json.loads((directory / COUNTS).read_text())
    sent = sum(made.values())
    by_proxy = sum(count for name, count in made.items() if name.startswith("/upstream/"))
    with urllib.request.urlopen(f"http://127.0.0.1:{server.admin_port}/metrics", timeout=10) as answer:
        now = activity.moment(exposition.samples(answer.read().decode()), time.monotonic())
    counted = [sum(stage.by_class.values()) for stage in now.stages.values()]
    broken = sum(stage.by_class.get("5xx", 0) for stage in now.stages.values())
    found = []
    if not sent:
        found.append("no request was made")
    # A request by proxy is two: its backend is the same API.
    if sum(counted) != sent + by_proxy:
        found.append(f"the users made {sent + by_proxy} requests, the gateway counted {sum(counted):.0f}")
    if broken:
        found.append(f"{broken:.0f} answers were 5XX")
    return found


if __name__ == "__main__":
    sys.exit(main())
