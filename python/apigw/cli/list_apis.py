"""``apigw list``: the APIs of the running gateway and their URLs."""

from __future__ import annotations

from pathlib import Path

import click

from apigw import admin_api, urls
from apigw import config as settings_of
from apigw import data_dir as directories
from apigw.cli import options
from apigw.cli.admin_client import admin_client
from apigw.cli.output import json_result, note, result


@click.command("list")
@options.config
@options.data_dir
@options.region
@options.as_json
def command(config: Path | None, data_dir: str | None, region: str | None, as_json: bool) -> None:
    """List REST APIs with their stages and URLs."""
    settings = settings_of.load({"data_dir": data_dir, "region": region}, config=config)
    running = directories.running(settings.data_dir)
    listener = (running.listen if running else settings.listen)[0]
    with admin_client(settings) as send:
        apis = [
            {
                "id": api["id"],
                "name": api.get("name", ""),
                "stages": [
                    {"name": stage, "url": urls.invoke_url(listener, api["id"], stage)}
                    for stage in admin_api.stages(send, api["id"])
                ],
            }
            for api in admin_api.rest_apis(send)
        ]
    if as_json:
        json_result(apis)
        return
    if not apis:
        note(f"no REST APIs in {settings.region}")
    for api in apis:
        result(f"{api['id']}  {api['name']}")
        for stage in api["stages"]:
            result(f"  {stage['name']}  {stage['url']}")
