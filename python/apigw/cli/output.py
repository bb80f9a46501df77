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


def result(message: str) -> None:
    """A line of the result."""
    Console(soft_wrap=True, highlight=False).print(Text(message))


def json_result(value: Any) -> None:
    """The result for programs."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
