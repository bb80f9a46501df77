"""``apigw serve``: run a gateway until SIGTERM or SIGINT; SIGHUP reloads. The only place with signal handlers."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import uvloop

from apigw import config as settings_of
from apigw import data_dir, urls
from apigw.app import App, AppError, started
from apigw.cli import options
from apigw.cli.completing import stage_names
from apigw.cli.logs import as_text, begin_logging, complain, say, warn
from apigw.cli.progress import progress
from apigw.cli.supervisor import tell, tell_reloading
from apigw.config import Settings
from apigw.config.values import SettingError
from apigw.documents import Deployed, DocumentError

LoadSettings = Callable[[], Settings]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@options.data_dir
@click.option("--listen", multiple=True, metavar="ADDRESS", help="Where APIs are served (default: 127.0.0.1:8080).")
@click.option(
    "--listen-tls", multiple=True, metavar="ADDRESS", help="And over HTTPS (default: 127.0.0.1:8443; or off)."
)
@click.option("--admin-listen", multiple=True, metavar="ADDRESS", help="The management API (default: 127.0.0.1:9080).")
@click.option("--plain-http", is_flag=True, default=None, help="Allow plain HTTP beyond loopback.")
@click.option("--workers", metavar="N", help="Threads that serve requests (default: one for each usable core).")
@click.option(
    "--stage", metavar="NAME", shell_complete=stage_names, help="The stage FILEs are deployed to (default: dev)."
)
@click.option("--access-log", metavar="TARGET", help="stdout, off or a file (default: stdout).")
@options.config
@click.option("--any-credentials", is_flag=True, default=None, help="Accept any key and clock; loopback only.")
@click.option("--json", "as_json", is_flag=True, help="Say everything in JSON lines, also on a terminal.")
def command(files: tuple[Path, ...], config: Path | None, as_json: bool, **flags: Any) -> None:
    """Run a gateway, with the APIs of OpenAPI FILEs deployed.

    Every option is also an APIGW_ variable and a key of apigw.toml (see docs/settings.md).
    """

    def settings() -> Settings:
        return settings_of.load(flags, config=config)

    begin_logging(as_json=as_json)
    _raise_file_limit()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, files))
    except AppError as error:
        raise click.ClickException(str(error)) from None


def _raise_file_limit() -> None:
    """A connection is a file; what the operator's hard limit allows is ours to take."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS answers "no limit" and refuses it.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(load: LoadSettings, files: tuple[Path, ...]) -> None:
    loop = asyncio.get_running_loop()
    settings = load()
    ending = asyncio.Event()
    async with contextlib.AsyncExitStack() as running:
        with progress(wanted=as_text()) as step:
            step("loading what is stored")
            app = await running.enter_async_context(started(settings))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ending.set)
        reload = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, reload.set)
        for key, reason in app.loaded.failures:
            complain(f"{key} is not served: {reason}")
        try:
            deployed = await _deploy(app, files)
        except DocumentError:
            await app.stop()
            raise
        app.set_ready(True)
        tell("READY=1", f"STATUS=serving on {', '.join(app.running.listen)}")
        _greet(app, files, deployed)
        _warn(files, deployed)
        await _until(app, load, files, ending, reload)
        tell("STOPPING=1", "STATUS=draining")
        say("draining")
        if cut := await app.stop():
            say(f"{cut} requests were cut after {settings.grace:g} s")


async def _until(
    app: App, load: LoadSettings, files: tuple[Path, ...], ending: asyncio.Event, reload: asyncio.Event
) -> None:
    """Reload whenever asked, until the end."""
    waiting = asyncio.create_task(ending.wait())
    while not waiting.done():
        reloading = asyncio.create_task(reload.wait())
        await asyncio.wait({waiting, reloading}, return_when=asyncio.FIRST_COMPLETED)
        if not reloading.done():
            reloading.cancel()
            continue
        reload.clear()
        tell_reloading()
        await _reload(app, load, files)
        tell("READY=1")


async def _reload(app: App, load: LoadSettings, files: tuple[Path, ...]) -> None:
    """Take over what may change; what is wrong stays as it was, and is said."""
    try:
        if waiting := app.reload(load()):
            say(f"reload: these settings wait for a restart: {', '.join(waiting)}")
    except (SettingError, AppError) as error:
        complain(f"reload: the settings are unchanged: {error}")
    try:
        deployed = await _deploy(app, files)
    except DocumentError as error:
        complain(f"reload: the documents are unchanged: {error}")
    else:
        say(f"reloaded; {sum(each.changed for each in deployed)} of {len(files)} documents changed")
        _warn(files, deployed)


async def _deploy(app: App, files: tuple[Path, ...]) -> list[Deployed]:
    """Deploy documents; raises ``DocumentError`` with all that is wrong with one."""
    done = []
    with progress(len(files), wanted=as_text()) as step:
        for file in files:
            step(f"deploying {file}")
            done += await app.deploy([file])
    return done


def _greet(app: App, files: tuple[Path, ...], deployed: list[Deployed]) -> None:
    running = app.running
    apis: list[dict[str, Any]] = []
    at = [*(f"http://{each}" for each in running.listen), *(f"https://{each}" for each in running.listen_tls)]
    lines = [f"APIs        {', '.join(at)}"]
    if running.listen_tls and app.settings.tls_certificate is None:
        lines.append(f"certificate {app.settings.data_dir / data_dir.CERTIFICATE} (self-signed; for curl --cacert)")
    lines.append(f"management  {', '.join(f'http://{each}' for each in running.admin_listen)}")
    env = shlex.join([sys.argv[0], "env", "--data-dir", str(app.settings.data_dir)])
    lines.append(f'for AWS\'s clients: eval "$({env})"')
    for file, each in zip(files, deployed, strict=True):
        assert each.stage is not None
        lines.append(f"{each.name} ({file}{'' if each.changed else ', unchanged'})")
        shown = [form(running.listen[0], each.api_id, each.stage) for form in (urls.host_url, urls.invoke_url)]
        lines += [f"  {shown[0]}", f"  curl {shown[1]}{each.example}"]
        apis.append({**_shown(file, each), "urls": shown})
    listeners = {each: getattr(running, each) for each in ("listen", "listen_tls", "admin_listen")}
    say("\n".join(lines), event="serving", pid=running.pid, **listeners, apis=apis)


def _warn(files: tuple[Path, ...], deployed: list[Deployed]) -> None:
    """Last, where it is seen: what became of documents otherwise than they say."""
    for file, each in zip(files, deployed, strict=True):
        for warning in each.warnings:
            warn(f"{file}: {warning}", event="warning", file=str(file), api=each.api_id)


def _shown(file: Path, done: Deployed) -> dict[str, Any]:
    return {
        "file": str(file),
        "id": done.api_id,
        "name": done.name,
        "stage": done.stage,
        "changed": done.changed,
        "warnings": done.warnings,
    }
