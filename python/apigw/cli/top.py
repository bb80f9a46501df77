"""``apigw top``: a live table of what the APIs are doing; on no terminal, and with ``--once``, plain tables or JSON."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table

from apigw import admin_api
from apigw import config as settings_of
from apigw.admin_api import AdminError
from apigw.cli import options
from apigw.cli.admin_client import admin_client, admin_endpoint
from apigw.cli.completing import api_ids
from apigw.cli.output import json_line, json_result
from apigw.config import Settings
from apigw.data_dir import DataDirError
from apigw.metrics import activity, exposition
from apigw.metrics.activity import Moment, Row

_SHORTEST = 0.05


@click.command()
@click.argument("api_id", required=False, shell_complete=api_ids)
@click.option("--once", is_flag=True, help="Show one table, of what happens during --interval, and end.")
@click.option(
    "--interval", type=click.FloatRange(_SHORTEST, 3600), default=1.0, metavar="SECONDS",
    help="How long rates and latencies are taken over.",
)  # fmt: skip
@options.config
@options.data_dir
@options.as_json
def command(
    api_id: str | None, once: bool, interval: float, config: Path | None, data_dir: str | None, as_json: bool
) -> None:
    """Show what each API is doing: rates, latencies, errors.

    Latencies are upper bounds of the buckets in /metrics. Without a terminal a table is printed every --interval
    seconds; with --json a line.
    """
    settings = settings_of.load({"data_dir": data_dir}, config=config)
    # Ctrl-C is how one stops looking.
    with contextlib.suppress(KeyboardInterrupt):
        views = _views(settings, interval, api_id)
        if once:
            view = next(views)
            if as_json:
                json_result(_shown(view))
            else:
                Console(width=None if Console().is_terminal else 160).print(_table(view))
        elif as_json:
            for view in views:
                json_line(_shown(view))
        else:
            _show(views)


class _View(msgspec.Struct, frozen=True):
    seconds: float
    moment: Moment
    rows: list[Row]


def _views(settings: Settings, interval: float, api_id: str | None) -> Iterator[_View]:
    """What happened during one interval after the other."""
    endpoint = admin_endpoint(settings)
    names = _Names(settings)
    with httpx.Client(timeout=5, trust_env=False) as client:
        before = _moment(client, endpoint)
        while True:
            time.sleep(interval)
            after = _moment(client, endpoint)
            rows = [row for row in activity.rows(before, after, names) if api_id in (None, row.api_id)]
            yield _View(after.at - before.at, after, rows)
            before = after


def _moment(client: httpx.Client, endpoint: str) -> Moment:
    try:
        answer = client.get(f"{endpoint}/metrics").raise_for_status()
    except httpx.ConnectError:
        raise AdminError(0, f"no gateway answers at {endpoint}; start one with: apigw serve") from None
    except httpx.HTTPError as error:
        raise AdminError(0, f"the gateway at {endpoint} failed: {error}") from None
    return activity.moment(exposition.samples(answer.text), time.monotonic())


class _Names:
    """Names of APIs by id; asked for when an id is new, empty where the management API does not let us ask."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, str] = {}

    def __call__(self, api_id: str) -> str:
        if api_id not in self._known:
            with contextlib.suppress(AdminError, DataDirError), admin_client(self._settings, patience=2) as send:
                self._known.update({api["id"]: api.get("name", "") for api in admin_api.rest_apis(send)})
            self._known.setdefault(api_id, "")
        return self._known[api_id]


def _shown(view: _View) -> dict[str, Any]:
    """For programs; a latency beyond the last bucket is ``"inf"``."""
    return {
        "seconds": round(view.seconds, 3),
        "connections": view.moment.connections,
        "in_flight": view.moment.in_flight,
        "apis": [{name: _number(value) for name, value in msgspec.structs.asdict(row).items()} for row in view.rows],
    }


def _number(value: Any) -> Any:
    if isinstance(value, float):
        # JSON has no infinity.
        return round(value, 3) if math.isfinite(value) else "inf"
    return value


def _show(views: Iterator[_View]) -> None:
    console = Console()
    if not console.is_terminal or console.is_dumb_terminal:
        wide = Console(width=160)
        for view in views:
            wide.print(_table(view))
        return
    first = next(views)
    with Live(_table(first), console=console, screen=False, auto_refresh=False) as live:
        for view in views:
            live.update(_table(view), refresh=True)


def _table(view: _View) -> Table:
    table = Table(
        title=f"{view.moment.connections} connections, {view.moment.in_flight} requests in flight", title_justify="left"
    )
    table.add_column("API")
    table.add_column("stage")
    for name in ("requests/s", "4XX/s", "5XX/s", "p50 ms", "p99 ms", "backend p99 ms", "requests", "4XX", "5XX"):
        table.add_column(name, justify="right")
    for row in view.rows:
        table.add_row(
            f"{row.api_id} {row.name}".strip() or "(unknown)",
            row.stage,
            *(f"{each:.1f}" for each in (row.rate, row.rate_4xx, row.rate_5xx)),
            *(_latency(each) for each in (row.p50_ms, row.p99_ms, row.integration_p99_ms)),
            *(f"{each:,}" for each in (row.requests, row.errors_4xx, row.errors_5xx)),
            style="red" if row.rate_5xx else "",
        )
    return table


def _latency(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    return f"≤ {milliseconds:g}" if math.isfinite(milliseconds) else "longer"
