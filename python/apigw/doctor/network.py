"""Ports: may they be taken, who has them, and does the gateway that should be there answer."""

from __future__ import annotations

import errno
import http.client
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing

from apigw.config import SETTINGS, Settings
from apigw.data_dir import Running
from apigw.doctor.finding import Finding, failure, ok, warning
from apigw.urls import reachable

_PATIENCE = 2.0
_LISTENERS = [name for name in SETTINGS if "listen" in name.split("_")]


def examine(settings: Settings, running: Running | None, port_owner: Callable[[int], int | None]) -> Iterator[Finding]:
    """All checks of the listeners; ``running`` is the gateway on the data directory."""
    for setting in _LISTENERS:
        ours = [] if running is None else getattr(running, setting)
        for listener in getattr(settings, setting):
            yield _port(setting, listener, running if listener in ours else None, port_owner)
    if running is not None:
        yield answers(running)


def _port(setting: str, listener: str, running: Running | None, port_owner: Callable[[int], int | None]) -> Finding:
    check = f"{setting} {listener}"
    if running is not None:
        return ok(check, f"the running gateway has it (pid {running.pid})")
    host, _, port = listener.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            # As the engine does: a port in TIME_WAIT is free, one with a listener is not.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
            probe.listen(1)
    except OSError as error:
        return _taken(check, setting, listener, error, port_owner)
    return ok(check, "free" if int(port) else "any free port")


def _taken(check: str, setting: str, listener: str, error: OSError, port_owner: Callable[[int], int | None]) -> Finding:
    other = f"choose another with --{setting.replace('_', '-')}"
    if error.errno == errno.EADDRINUSE:
        pid = port_owner(int(listener.rpartition(":")[2]))
        by = "another process" if pid is None else f"process {pid}"
        return failure(check, f"{by} has it", f"end it or {other}")
    if error.errno in (errno.EACCES, errno.EPERM):
        return failure(
            check,
            f"user {os.geteuid()} may not take a port below 1024",
            f"{other} (8080 is common), or allow it: sysctl net.ipv4.ip_unprivileged_port_start",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return failure(check, "this machine does not have that address", f"{other}, or use 0.0.0.0")
    return failure(check, f"{error.strerror}", other)


def answers(running: Running) -> Finding:
    """Is the gateway alive, and ready?"""
    check = f"gateway {running.pid}"
    endpoint = reachable(running.admin_listen[0])
    said = {path: _status(endpoint, path) for path in ("/health", "/ready")}
    if said["/health"] != 200:
        return failure(
            check, f"it does not answer on {endpoint} ({said['/health']})", f"read its log; kill {running.pid} ends it"
        )
    if said["/ready"] != 200:
        return warning(
            check, f"alive on {endpoint}, but not ready", "it is starting or draining; ask again, read its log"
        )
    return ok(check, f"alive and ready on {endpoint}")


def _status(endpoint: str, path: str) -> int | str:
    host, _, port = endpoint.rpartition(":")
    try:
        with closing(http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_PATIENCE)) as asking:
            asking.request("GET", path)
            return asking.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error)
