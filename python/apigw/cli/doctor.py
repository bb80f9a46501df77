"""``apigw doctor``: is this machine fit for a gateway, and what to do where it is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import msgspec

from apigw.cli import options
from apigw.cli.output import json_result, result
from apigw.cli.progress import progress
from apigw.doctor.examine import Asked, examine
from apigw.doctor.finding import Finding

_STYLES = {"ok": "green", "warning": "yellow", "failure": "bold red"}


@click.command()
@options.config
@options.data_dir
@click.option("--listen", multiple=True, metavar="ADDRESS", help="Where APIs are to be served.")
@click.option("--listen-tls", multiple=True, metavar="ADDRESS", help="And over HTTPS; or off.")
@click.option("--admin-listen", multiple=True, metavar="ADDRESS", help="Where the management API is to be.")
@options.as_json
def command(config: Path | None, as_json: bool, **flags: Any) -> None:
    """Check this machine and the settings, and say what to do.

    Nothing is changed. Exit code 1 when a gateway would not run; doubts alone are 0.
    """
    from apigw.engine import __version__ as engine
    from apigw.machine.port_owner import port_owner

    found: list[Finding] = []
    with progress() as step:
        for finding in examine(Asked(flags, config, os.environ, engine, port_owner)):
            found.append(finding)
            step(finding.check)
    failures = sum(each.state == "failure" for each in found)
    warnings = sum(each.state == "warning" for each in found)
    if as_json:
        counts = {"failures": failures, "warnings": warnings}
        json_result({"ok": not failures, **counts, "checks": [msgspec.structs.asdict(each) for each in found]})
    else:
        _print(found, failures, warnings)
    if failures:
        raise SystemExit(1)


def _print(found: list[Finding], failures: int, warnings: int) -> None:
    width = max(len(each.check) for each in found)
    for each in found:
        result(f"{each.state:8} {each.check:{width}}  {each.message}", _STYLES[each.state])
        if each.advice:
            result(f"{'':8} {'':{width}}  → {each.advice}")
    result(f"{len(found)} checks, {failures} failures, {warnings} warnings")
