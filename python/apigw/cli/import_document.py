"""``apigw import``: a document becomes an API of the running gateway; ``--watch`` does it again at every save."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import click

from apigw import config as settings_of
from apigw import data_dir as directories
from apigw import documents, urls
from apigw.admin_api import AdminError, Send
from apigw.cli import options
from apigw.cli.admin_client import admin_client
from apigw.cli.output import complain, json_failure, json_line, json_result, note, result, warn
from apigw.cli.progress import progress
from apigw.documents import Deployed, watching
from apigw.documents.live_import import LiveImport, Loaded, follow
from apigw.documents.problems import explain
from apigw.documents.watching import Watched
from apigw.engine import Engine

_LOOK_EVERY = 0.05


@click.command("import")
@options.file
@options.stage
@options.into
@click.option("--watch", is_flag=True, help="Import it again whenever it is saved, and say which methods changed.")
@options.config
@options.data_dir
@options.region
@options.as_json
def command(
    file: Path, stage: str | None, into: str | None, watch: bool, config: Path | None, as_json: bool, **flags: Any
) -> None:
    """Import an OpenAPI FILE and print its URLs."""
    settings = settings_of.load(flags, config=config)
    running = directories.running(settings.data_dir)
    listener = (running.listen if running else settings.listen)[0]
    look = watching.look_at(file)
    text = documents.read(file)
    with admin_client(settings) as send:
        if watch:
            # Ctrl-C is how one stops watching.
            with contextlib.suppress(KeyboardInterrupt):
                saves = watching.saves(file, Watched(look, text), _pause)
                follow(LiveImport(send, into, stage), text, saves, _Watching(file, stage, listener, as_json))
            return
        done = _import(send, file, text, into, stage)
    if as_json:
        json_result(_shown(done, listener))
    else:
        _print(done, listener)


def _import(send: Send, file: Path, text: bytes, into: str | None, stage: str | None) -> Deployed:
    try:
        with progress() as step:
            step(f"importing {file}" if stage is None else f"importing {file} and deploying it to {stage}")
            return documents.import_document(send, text, into=into, stage=stage)
    except AdminError as error:
        raise explain(documents.of_file(file, text), error, Engine.yaml_to_json, Engine.check) from None


def _shown(done: Deployed, listener: str) -> dict[str, Any]:
    return {
        "id": done.api_id,
        "name": done.name,
        "stage": done.stage,
        "urls": _urls(done, listener),
        "warnings": done.warnings,
    }


def _urls(done: Deployed, listener: str) -> list[str]:
    if done.stage is None:
        return []
    return [form(listener, done.api_id, done.stage) for form in (urls.host_url, urls.invoke_url)]


def _print(done: Deployed, listener: str) -> None:
    for warning in done.warnings:
        warn(warning)
    result(f"{done.api_id}  {done.name}")
    for url in _urls(done, listener):
        result(url)


class _Watching:
    """How watching speaks: texts, or one JSON object a line."""

    def __init__(self, file: Path, stage: str | None, listener: str, as_json: bool) -> None:
        self._file = file
        self._stage = stage
        self._listener = listener
        self._as_json = as_json
        self._first = True

    def imported(self, loaded: Loaded) -> None:
        done, changes = loaded.deployed, loaded.changes
        if self._as_json:
            lists = {"added": changes.added, "removed": changes.removed, "changed": changes.changed}
            json_line({"event": "imported", **_shown(done, self._listener), **lists})
        elif self._first:
            _print(done, self._listener)
            note(f"watching {self._file}; stop with Ctrl-C")
        else:
            for warning in done.warnings:
                warn(warning)
            counts = f"{len(changes.added)} added, {len(changes.removed)} removed, {len(changes.changed)} changed"
            result(f"{time.strftime('%H:%M:%S')} {done.name}: {counts if changes else 'no method changed'}")
            for sign, names, style in (
                ("+", changes.added, "green"),
                ("-", changes.removed, "red"),
                ("~", changes.changed, "yellow"),
            ):
                for name in names:
                    result(f"  {sign} {name}", style)
        self._first = False

    def refused(self, text: bytes, error: AdminError) -> None:
        told = explain(documents.of_file(self._file, text), error, Engine.yaml_to_json, Engine.check)
        if self._as_json:
            json_line({"event": "refused", "error": str(told), "problems": [each.shown() for each in told.problems]})
            return
        complain(str(told))
        if not self._first:
            stage = self._stage
            note(f"the stage {stage} serves what it did before" if stage else "the API is what it was before")

    def unreachable(self, error: AdminError) -> None:
        if self._as_json:
            json_failure(str(error), 1)
        else:
            complain(f"{error}; trying again")


def _pause() -> float:
    time.sleep(_LOOK_EVERY)
    return time.monotonic()
