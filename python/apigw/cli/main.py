"""The command group: finds commands, turns what a user got wrong into one message and an exit code.

0 is success, 1 a failure, 2 a wrong use. A traceback is shown for our own bugs only.
"""

from __future__ import annotations

import difflib
import importlib
import sys

import click

from apigw.cli.output import complain

# Commands are imported when they are used: ``apigw --help`` loads neither the engine nor httpx.
COMMANDS = {
    "serve": "apigw.cli.serve",
    "env": "apigw.cli.env",
    "import": "apigw.cli.import_document",
    "list": "apigw.cli.list_apis",
    "validate": "apigw.cli.validate",
    "snapshot": "apigw.cli.snapshot",
    "ready": "apigw.cli.ready",
}


class Commands(click.Group):
    """The commands, loaded lazily, with a suggestion for a misspelt one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="apigw", message="apigw %(version)s")
def group() -> None:
    """Amazon API Gateway that anyone can run."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command; never returns."""
    from apigw.data_dir import DataDirError
    from apigw.documents import AdminError, DocumentError
    from apigw.setting_values import SettingError
    from apigw.store.protocol import StoreError

    try:
        code = group.main(args=arguments, standalone_mode=False)
    except click.UsageError as error:
        error.show()
        code = 2
    except click.ClickException as error:
        complain(error.format_message())
        code = 1
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        code = 1
    except SettingError as error:
        complain(str(error))
        code = 2
    except (DataDirError, DocumentError, AdminError, StoreError) as error:
        complain(str(error))
        code = 1
    except BrokenPipeError:
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
