"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from apigw.cli.completing import api_ids, stage_names

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

config: Decorator = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file (default: apigw.toml if it is there).",
)
data_dir: Decorator = click.option(
    "--data-dir",
    # What it has to be is said by whoever opens it, in one sentence for all ways in.
    type=click.Path(),
    metavar="DIR",
    help="Where the gateway keeps its data (default: apigw-data).",
)
region: Decorator = click.option("--region", metavar="REGION", help="The region of the APIs (default: us-east-1).")
as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
stage: Decorator = click.option("--stage", metavar="NAME", shell_complete=stage_names, help="Deploy it to this stage.")
into: Decorator = click.option(
    "--into", metavar="API_ID", shell_complete=api_ids, help="Overwrite this API instead of making a new one."
)
file: Decorator = click.argument("file", type=click.Path(path_type=Path))
