"""``apigw import``: a document becomes an API of the running gateway."""

from __future__ import annotations

from pathlib import Path

import click

from apigw import config as settings_of
from apigw import data_dir as directories
from apigw import documents
from apigw.cli import options
from apigw.cli.admin_client import admin_client
from apigw.cli.output import json_result, note, result
from apigw.engine import Engine
from apigw.problems import explain


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--stage", metavar="NAME", help="Deploy it to this stage.")
@click.option("--into", metavar="API_ID", help="Overwrite this API instead of making a new one.")
@options.config
@options.data_dir
@options.region
@options.as_json
def command(
    file: Path,
    stage: str | None,
    into: str | None,
    config: Path | None,
    data_dir: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Import an OpenAPI FILE and print its URLs."""
    settings = settings_of.load({"data_dir": data_dir, "region": region}, config=config)
    document = documents.from_file(file)
    try:
        with admin_client(settings) as send:
            done = documents.import_document(send, document.text, into=into, stage=stage)
    except documents.AdminError as error:
        raise explain(document, error, Engine.yaml_to_json) from None
    running = directories.running(settings.data_dir)
    listener = (running.listen if running else settings.listen)[0]
    urls = (
        []
        if stage is None
        else [
            documents.host_url(listener, done.api_id, stage),
            documents.invoke_url(listener, done.api_id, stage),
        ]
    )
    if as_json:
        json_result({"id": done.api_id, "name": done.name, "stage": stage, "urls": urls, "warnings": done.warnings})
        return
    for warning in done.warnings:
        note(f"warning: {warning}")
    result(f"{done.api_id}  {done.name}")
    for url in urls:
        result(url)
