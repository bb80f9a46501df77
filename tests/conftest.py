"""For all tests: outside programs are needed or skipped by name, the environment holds no settings, ports are free."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run: a change is judged by what it changed, not by luck.
settings.register_profile("same", derandomize=True, database=None)
settings.load_profile("same")

# A shell's background jobs ignore Ctrl-C, and so would what the tests start and end by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
# Marker → program, and what brings it.
OUTSIDE = {
    "nginx": ("nginx", "Debian package nginx-light"),
    "haproxy": ("haproxy", "Debian package haproxy"),
    "varnish": ("varnishd", "Debian package varnish"),
    "wrk": ("wrk", "Debian package wrk"),
    "h2load": ("h2load", "Debian package nghttp2-client"),
    "postgresql": ("psql", "Debian package postgresql"),
    "redis": ("redis-server", "Debian package redis-server"),
    "curl": ("curl", "Debian package curl"),
    "node": ("node", "Debian package nodejs"),
    "go": ("go", "Debian package golang-go"),
    "h2spec": ("h2spec", "go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"),
    "openssl": ("openssl", "Debian package openssl"),
    "valgrind": ("valgrind", "Debian package valgrind"),
    "systemd": ("systemd-analyze", "Debian package systemd"),
    "chromium": ("chromium-headless-shell", "Debian package chromium-headless-shell"),
    "aws": ("aws", "PyPI package awscli"),
    "locust": ("locust", "PyPI package locust, by make load-setup"),
}


def program(name: str) -> str | None:
    """Where an outside program is: beside this Python, where make load-setup puts it, in PATH or where Debian does."""
    places = [str(Path(sys.executable).parent), str(ROOT / ".venv-load/bin"), os.environ["PATH"], "/usr/sbin"]
    return shutil.which(name, path=os.pathsep.join(places))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (name, source) in OUTSIDE.items():
        if item.get_closest_marker(marker) is None or program(name) is not None:
            continue
        message = f"needs {name} ({source})"
        if os.environ.get("APIGW_REQUIRE_OUTSIDE") == "1" and marker not in ("go", "h2spec"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings and credentials must not reach a test."""
    for name in list(os.environ):
        if name.startswith(("APIGW_", "AWS_")) and name != "APIGW_REQUIRE_OUTSIDE":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A function that gives a port nobody listens on (servers of ours take port 0 themselves)."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find
