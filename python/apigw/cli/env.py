"""``apigw env``: what a shell needs so that AWS's clients talk to this gateway."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from apigw import config, data_dir, urls
from apigw.aws_environment import UNSET, aws_environment
from apigw.cli import options
from apigw.cli.admin_client import admin_endpoint
from apigw.cli.output import json_result, result


@click.command()
@options.config
@options.data_dir
@options.region
@options.as_json
def command(config: Path | None, data_dir: str | None, region: str | None, as_json: bool) -> None:
    """Print AWS_* variables: eval "$(apigw env)"."""
    found = variables(config, data_dir, region)
    if as_json:
        json_result(found)
        return
    for name, value in found.items():
        result(f"export {name}={shlex.quote(value)}")
    result(f"unset {' '.join(UNSET)}")


def variables(config_file: Path | None, directory: str | None, region: str | None) -> dict[str, str]:
    """The variables by name: AWS's own, and where APIs are served over HTTPS while a gateway runs."""
    settings = config.load({"data_dir": directory, "region": region}, config=config_file)
    keys = data_dir.credentials(settings.data_dir, os.environ)
    found = aws_environment(admin_endpoint(settings), keys, settings.region)
    running = data_dir.running(settings.data_dir)
    if running is not None and running.listen_tls:
        found["APIGW_HTTPS_URL"] = f"https://{urls.reachable(running.listen_tls[0])}"
    return found
