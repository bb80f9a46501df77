"""What a shell may complete beside commands, options and files: API ids and stages of a running gateway.

Completing never says a word of its own: where no gateway runs, or it is slow to answer, there is nothing to complete.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import click
from click.shell_completion import CompletionItem

_PATIENCE = 1.0
# Stages are asked for API by API; a shell that waits for a hundred answers is no help.
_MOST_ASKED = 20


def api_ids(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of REST APIs, with their names beside them."""
    return _silent(CompletionItem(id, help=name) for id, name, _ in _apis(ctx.params) if id.startswith(incomplete))


def stage_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The stages of the API that the line names, else of the first ones."""
    named = ctx.params.get("into") or ctx.params.get("api_id")
    meant = (stages for id, _, stages in _apis(ctx.params) if named in (None, id))
    found = _silent(
        CompletionItem(stage)
        for stages in itertools.islice(meant, _MOST_ASKED)
        for stage in stages()
        if stage.startswith(incomplete)
    )
    return list({item.value: item for item in found}.values())


def resource_paths(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The paths of the API that the line names."""
    return _silent(CompletionItem(path) for path in _paths(ctx.params) if path.startswith(incomplete))


def unit_keys(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of units: ``stage/{api}/{name}``, and how those of an API's deployments begin."""
    return _silent(
        CompletionItem(key)
        for id, _, stages in itertools.islice(_apis(ctx.params), _MOST_ASKED)
        for key in (f"deployment/{id}/", *(f"stage/{id}/{stage}" for stage in stages()))
        if key.startswith(incomplete)
    )


def _silent(items: Iterator[CompletionItem]) -> list[CompletionItem]:
    """All items, or those before any trouble."""
    found = []
    with contextlib.suppress(Exception):
        for item in items:
            found.append(item)
    return found


def _paths(given: dict[str, Any]) -> Iterator[str]:
    """The paths of the resources of the API that is named, first page."""
    from apigw import admin_api, config, data_dir
    from apigw.cli.admin_client import admin_client

    flags = {name: given.get(name) for name in ("data_dir", "region")}
    settings = config.load(flags, config=given.get("config"))
    if data_dir.running(settings.data_dir) is None or not given.get("api_id"):
        return
    with admin_client(settings, patience=_PATIENCE) as send:
        page = admin_api.call(send, "GET", f"/restapis/{given['api_id']}/resources", [("limit", "500")])
        for resource in page.get("item", []):
            yield resource["path"]


def _apis(given: dict[str, Any]) -> Iterator[tuple[str, str, Callable[[], list[str]]]]:
    """Id, name and a function that asks for the stages, of the running gateway's APIs."""
    from apigw import admin_api, config, data_dir
    from apigw.cli.admin_client import admin_client

    flags = {name: given.get(name) for name in ("data_dir", "region")}
    settings = config.load(flags, config=given.get("config"))
    if data_dir.running(settings.data_dir) is None:
        return
    with admin_client(settings, patience=_PATIENCE) as send:
        for api in admin_api.rest_apis(send):
            yield api["id"], api.get("name", ""), functools.partial(admin_api.stages, send, api["id"])
