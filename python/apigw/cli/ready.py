"""``apigw ready``: whether the gateway of a data directory takes requests, for health checks. Loads little."""

from __future__ import annotations

import http.client
import time
from pathlib import Path

import click

from apigw import config as settings_of
from apigw import data_dir as directories
from apigw import urls
from apigw.cli import options
from apigw.cli.output import json_result, result
from apigw.config.values import seconds

_PATIENCE = 2.0
_PAUSE = 0.05


@click.command()
@click.option("--wait", metavar="TIME", default="0", help="How long to wait for it, such as 30s (default: not at all).")
@options.config
@options.data_dir
@options.as_json
def command(wait: str, config: Path | None, data_dir: str | None, as_json: bool) -> None:
    """Say whether the running gateway is ready; exit code 1 when it is not."""
    settings = settings_of.load({"data_dir": data_dir}, config=config)
    deadline = time.monotonic() + seconds(wait)
    while (reason := _why_not(settings.data_dir)) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    if reason:
        raise click.ClickException(reason)
    if as_json:
        json_result({"ready": True})
    else:
        result("ready")


def _why_not(data_dir: Path) -> str | None:
    """Why it is not ready; ``None`` when it is."""
    running = directories.running(data_dir)
    if running is None:
        return f"no gateway runs on {data_dir}; start one with: apigw serve"
    host, _, port = urls.reachable(running.admin_listen[0]).rpartition(":")
    asking = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_PATIENCE)
    try:
        asking.request("GET", "/ready")
        status = asking.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"the gateway at {host}:{port} does not answer: {error}"
    finally:
        asking.close()
    return None if status == 200 else f"the gateway at {host}:{port} is not ready"
