"""``apigw cors``: what AWS's console does when one enables CORS for a resource."""

from __future__ import annotations

from pathlib import Path

import click

from apigw import config as settings_of
from apigw import cors, documents
from apigw.cli import options
from apigw.cli.admin_client import admin_client
from apigw.cli.completing import api_ids, resource_paths
from apigw.cli.output import json_result, note, result


@click.command("cors")
@click.argument("api_id", metavar="API", shell_complete=api_ids)
@click.argument("path", shell_complete=resource_paths)
@click.option("--origin", metavar="ORIGIN", default="*", help="Who may read the answers (default: *).")
@click.option("--headers", metavar="NAMES", default=cors.HEADERS, help="What pages may send (default: AWS's five).")
@options.stage
@options.config
@options.data_dir
@options.region
@options.as_json
def command(
    api_id: str,
    path: str,
    origin: str,
    headers: str,
    stage: str | None,
    config: Path | None,
    data_dir: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Let pages of other origins call a resource of an API."""
    if any(letter in text for text in (origin, headers) for letter in "'\r\n"):
        raise click.UsageError("--origin and --headers hold no quotes and no line ends")
    settings = settings_of.load({"data_dir": data_dir, "region": region}, config=config)
    with admin_client(settings) as send:
        done = cors.enable(send, api_id, path, cors.Allowed(origin=origin, headers=headers))
        if stage is not None:
            documents.deploy(send, api_id, stage)
    if as_json:
        json_result({"api": api_id, "path": path, "changed": done.changed, "left": done.left, "stage": stage})
        return
    for text in done.changed:
        result(text)
    if not done.changed:
        note("it was enabled already")
    for text in done.left:
        note(f"left to do: {text}")
    note(f"deployed to {stage}" if stage is not None else "not deployed yet: say --stage NAME")
