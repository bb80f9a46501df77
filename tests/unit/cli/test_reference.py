"""The command reference is the commands: docs/cli.md, ``--help``, ``--json`` and the list that is shown without loading."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import click
import pytest

from apigw.cli.main import COMMANDS, group, main
from tests.conftest import ROOT
from tests.unit.cli.tree import leaves

LEAVES = leaves()
REFERENCE = (ROOT / "docs/cli.md").read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    parts = re.split(r"^## apigw (.+)$", REFERENCE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def options(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    found = []
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            metavar = "" if parameter.is_flag else f" {parameter.make_metavar(context)}"
            found.append((f"{parameter.opts[0]}{metavar}", parameter.help or ""))
    return found


def test_the_reference_has_every_command_and_no_other() -> None:
    assert list(sections()) == [name for name, _, _ in LEAVES]


@pytest.mark.parametrize(("name", "command", "context"), LEAVES, ids=[name for name, _, _ in LEAVES])
def test_the_reference_says_what_the_command_takes(name: str, command: click.Command, context: click.Context) -> None:
    section = sections()[name]
    assert f"`{command.get_usage(context).removeprefix('Usage: ')}`" in section
    listed = re.findall(r"^\| `(--.+?)` \| (.+) \|$", section, re.MULTILINE)
    assert listed == options(command, context)
    assert "\nJSON: " in section


@pytest.mark.parametrize(("name", "command", "context"), LEAVES, ids=[name for name, _, _ in LEAVES])
def test_every_command_speaks_json(name: str, command: click.Command, context: click.Context) -> None:
    assert any(isinstance(each, click.Option) and each.is_flag and "--json" in each.opts for each in command.params)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    context = click.Context(group, info_name="apigw")
    command = group.get_command(context, name)
    assert command is not None
    assert command.get_short_help_str(limit=200) == COMMANDS[name].help


def test_help_loads_no_command() -> None:
    """It has to be quick: a shell asks for it at every press of a key."""
    shown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from apigw.cli.main import main\n"
            "try: main(['--help'])\n"
            "finally: print([name for name in ('apigw.engine', 'httpx', 'uvloop') if name in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shells_script_asks_us_and_is_read_by_it(shell: str) -> None:
    from apigw.cli.completion import source

    script = source(shell)
    assert f"_APIGW_COMPLETE={shell}_complete" in script
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=script, text=True, check=True)


def test_a_completion_that_fails_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Here bash has not even said what is being completed."""
    monkeypatch.setenv("_APIGW_COMPLETE", "bash_complete")
    monkeypatch.delenv("COMP_WORDS", raising=False)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 0
    assert capfd.readouterr() == ("", "")
