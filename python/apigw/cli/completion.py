"""``apigw completion``: the script that teaches a shell to complete, made by click, and what the shell asks then."""

from __future__ import annotations

import contextlib
import io
import os

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from apigw.cli import options
from apigw.cli.output import json_result

_VARIABLE = "_APIGW_COMPLETE"
_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_HOW = {
    "bash": 'eval "$(apigw completion bash)"',
    "zsh": 'eval "$(apigw completion zsh)"',
    "fish": "apigw completion fish | source",
}


@click.command(epilog="\b\n" + "\n".join(f"{shell + ':':6} {how}" for shell, how in _HOW.items()))
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@options.as_json
def command(shell: str, as_json: bool) -> None:
    """Print a script that completes apigw's words in SHELL.

    API ids and stages are completed where a gateway runs.
    """
    script = source(shell)
    if as_json:
        json_result({"shell": shell, "use": _HOW[shell], "script": script})
    else:
        click.echo(script, nl=False)


def source(shell: str) -> str:
    """The script."""
    # click's own for bash runs bash first and complains where there is none; a script can be asked for anywhere.
    return ShellComplete.source(_SHELLS[shell](click.Command("apigw"), {}, "apigw", _VARIABLE))


def complete(group: click.Command, variable: str) -> int:
    """Answer a shell that asks what may follow; silent, whatever happens."""
    shell, _, asked = os.environ[variable].partition("_")
    if shell not in _SHELLS or asked != "complete":
        return 1
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            said.write(_SHELLS[shell](group, {}, "apigw", variable).complete())
    except Exception:
        return 0
    click.echo(said.getvalue())
    return 0
