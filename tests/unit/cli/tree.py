"""All commands of the tree that click knows, down to those that do something."""

from __future__ import annotations

from collections.abc import Iterator

import click

from apigw.cli.main import group

Leaf = tuple[str, click.Command, click.Context]


def leaves() -> list[Leaf]:
    """``("snapshot show", command, its context)`` of every command without commands below it."""
    return list(_below(group, click.Context(group, info_name="apigw"), ()))


def _below(command: click.Command, context: click.Context, path: tuple[str, ...]) -> Iterator[Leaf]:
    if not isinstance(command, click.Group):
        yield " ".join(path), command, context
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from _below(below, click.Context(below, info_name=name, parent=context), (*path, name))
