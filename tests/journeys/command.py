"""The ``apigw`` command as users and their scripts run it, and what they do to a gateway that runs."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import httpx

from tests.conftest import ROOT
from tests.journeys.conftest import APIGW, KEY, SECRET, ServedGateway

PETSTORE = ROOT / "examples/petstore/openapi.yaml"
FREE_PORTS = ("--listen", "0", "--listen-tls", "0", "--admin-listen", "0")


def environment(gateway: ServedGateway | None, home: Path, **more: str) -> dict[str, str]:
    given = {"PATH": f"{APIGW.parent}:{os.environ['PATH']}", "HOME": str(home), **more}
    if gateway is not None:
        given |= {
            "APIGW_DATA_DIR": str(gateway.data_dir),
            "APIGW_ACCESS_KEY_ID": KEY,
            "APIGW_SECRET_ACCESS_KEY": SECRET,
        }
    return given


def apigw(gateway: ServedGateway | None, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [APIGW, *arguments],
        env=environment(gateway, cwd),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def reload(gateway: ServedGateway, until: str) -> None:
    """SIGHUP, and wait for what it says."""
    with gateway.output.open("rb") as log:
        log.seek(0, os.SEEK_END)
        gateway.process.send_signal(signal.SIGHUP)
        seen = b""
        while until.encode() not in seen:
            assert gateway.process.poll() is None, seen.decode()
            # The log is a file: reading at its end returns at once, so the admin API paces the loop.
            httpx.get(f"{gateway.admin}/health")
            seen += log.read()


def refuses_connections(gateway: ServedGateway) -> bool:
    try:
        httpx.get(f"http://{gateway.listen}/")
    except httpx.TransportError:
        return True
    return False
