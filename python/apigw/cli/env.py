"""``apigw env``: what a shell needs so that AWS's clients talk to this gateway."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from apigw import config, data_dir
from apigw.aws_environment import UNSET, aws_environment
from apigw.cli import options
from apigw.cli.admin_client import admin_endpoint
from apigw.cli.output import result


@click.command()
@options.config
@options.data_dir
@options.region
def command(config: Path | None, data_dir: str | None, region: str | None) -> None:
    """Print AWS_* variables: eval "$(apigw env)"."""
    show(config, data_dir, region)


def show(config_file: Path | None, directory: str | None, region: str | None) -> None:
    """The variables, quoted for a POSIX shell."""
    settings = config.load({"data_dir": directory, "region": region}, config=config_file)
    keys = data_dir.credentials(settings.data_dir, os.environ)
    for name, value in aws_environment(admin_endpoint(settings), keys, settings.region).items():
        result(f"export {name}={shlex.quote(value)}")
    result(f"unset {' '.join(UNSET)}")
