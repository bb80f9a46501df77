"""The command group: finds commands, turns what a user got wrong into one message and an exit code.

0 is success, 1 a failure, 2 a wrong use. A traceback is shown for our own bugs only. With ``--json`` the message is one
JSON object on standard error.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from typing import Any, NamedTuple

import click

from apigw.cli.output import complain, json_failure


class Entry(NamedTuple):
    """Where a command is, and what ``apigw --help`` says of it."""

    module: str
    help: str


# Commands are imported when they are used: ``apigw --help`` and a completion load neither the engine nor httpx.
COMMANDS = {
    "serve": Entry("apigw.cli.serve", "Run a gateway, with the APIs of OpenAPI FILEs deployed."),
    "env": Entry("apigw.cli.env", 'Print AWS_* variables: eval "$(apigw env)".'),
    "import": Entry("apigw.cli.import_document", "Import an OpenAPI FILE and print its URLs."),
    "list": Entry("apigw.cli.list_apis", "List REST APIs with their stages and URLs."),
    "cors": Entry("apigw.cli.cors", "Let pages of other origins call a resource of an API."),
    "validate": Entry("apigw.cli.validate", "Check an OpenAPI FILE; exit code 1 when it cannot be imported."),
    "top": Entry("apigw.cli.top", "Show what each API is doing: rates, latencies, errors."),
    "ready": Entry("apigw.cli.ready", "Say whether the running gateway is ready; exit code 1 when it is not."),
    "doctor": Entry("apigw.cli.doctor", "Check this machine and the settings, and say what to do."),
    "snapshot": Entry("apigw.cli.snapshot", "Look at what is served."),
    "completion": Entry("apigw.cli.completion", "Print a script that completes apigw's words in SHELL."),
}
_COMPLETION = "_APIGW_COMPLETE"


class Commands(click.Group):
    """The commands, loaded lazily, with a suggestion for a misspelt one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name].module).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else f" There are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=entry.help) for name, entry in COMMANDS.items() if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="apigw", message="apigw %(version)s")
def group() -> None:
    """Amazon API Gateway that anyone can run."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command; never returns."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if os.environ.get(_COMPLETION):
        from apigw.cli.completion import complete

        sys.exit(complete(group, _COMPLETION))
    sys.exit(_run(arguments, as_json="--json" in arguments))


def _run(arguments: list[str], *, as_json: bool) -> int:
    """The exit code of a command, after its error was told."""
    from apigw.admin_api import AdminError
    from apigw.config.values import SettingError
    from apigw.data_dir import DataDirError
    from apigw.documents import DocumentError
    from apigw.store.protocol import StoreError

    def fail(message: str, code: int, problems: list[dict[str, Any]] | None = None) -> int:
        if as_json:
            json_failure(message, code, problems)
        else:
            complain(message)
        return code

    try:
        code = group.main(args=arguments, standalone_mode=False)
    except click.UsageError as error:
        if as_json:
            return fail(error.format_message(), 2)
        error.show()
        return 2
    except click.ClickException as error:
        return fail(error.format_message(), 1)
    except (click.Abort, KeyboardInterrupt):
        return fail("interrupted", 1)
    except SettingError as error:
        return fail(str(error), 2)
    except DocumentError as error:
        return fail(str(error), 1, [each.shown() for each in error.problems])
    except (DataDirError, AdminError, StoreError) as error:
        return fail(str(error), 1)
    except BrokenPipeError:
        # Whoever reads us has seen enough; the interpreter must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0
