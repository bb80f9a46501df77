"""The command line: one file a command, no logic."""

from apigw.cli.main import main

__all__ = ["main"]
