"""How commands speak: results on standard output, everything else on standard error, colour only for a terminal.

``NO_COLOR`` is honoured by rich.
"""

from __future__ import annotations

import sys
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text


def complain(message: str) -> None:
    """An error, in one message."""
    Console(stderr=True, soft_wrap=True).print(Text("apigw: ", style="bold red") + Text(message))


def note(message: str) -> None:
    """Something worth knowing that is not the result."""
    Console(stderr=True, soft_wrap=True).print(Text(message))


def warn(message: str) -> None:
    """Something that may not be what was wanted, and was done all the same."""
    Console(stderr=True, soft_wrap=True).print(Text("warning: ", style="bold yellow") + Text(message))


def result(message: str, style: str = "") -> None:
    """A line of the result."""
    Console(soft_wrap=True, highlight=False).print(Text(message, style=style))


def json_result(value: Any) -> None:
    """The result for programs."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def json_line(value: Any) -> None:
    """One result of many for programs: a line that is seen at once."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()


def json_failure(message: str, code: int, problems: list[dict[str, Any]] | None = None) -> None:
    """An error for programs, with the places of a document's problems where there are any."""
    failure: dict[str, Any] = {"error": message, "exit_code": code}
    if problems:
        failure["problems"] = problems
    sys.stderr.write(orjson.dumps(failure).decode() + "\n")
