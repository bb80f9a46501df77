"""The image: its commands are the Makefile's and the CLI's, its settings are settings, and it runs as nobody in particular."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from apigw import config
from apigw.cli.main import group
from tests.conftest import ROOT
from tests.packaging.dockerfile import Stage, stages

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture
def image() -> Stage:
    """The last stage."""
    return stages(TEXT)[-1]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def parsed(words: list[str]) -> None:
    """The command line means something to the CLI; nothing is run."""
    assert words[0] == "apigw"
    with click.Context(group) as context:
        _, command, rest = group.resolve_command(context, words[1:])
        assert command is not None
        command.make_context(words[1], list(rest))


@pytest.mark.usefixtures("elsewhere")
def test_its_commands_are_those_of_the_cli(image: Stage) -> None:
    parsed([*image.command("ENTRYPOINT"), *image.command("CMD")])
    parsed(image.command("HEALTHCHECK"))


@pytest.mark.usefixtures("elsewhere")
def test_its_settings_are_those_the_design_says(image: Stage) -> None:
    environment = image.environment()
    settings = config.load({}, {name: value for name, value in environment.items() if name.startswith("APIGW_")})
    assert (settings.drain_delay, settings.plain_http) == (5.0, True)
    assert str(settings.data_dir) == image.text("VOLUME")
    ports = [
        listener.rpartition(":")[2] for listener in (*settings.listen, *settings.listen_tls, *settings.admin_listen)
    ]
    assert image.text("EXPOSE").split() == ports
    # Nothing is written beside /data: no byte code either.
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert environment["PATH"].startswith("/opt/apigw/bin:")


def test_it_ends_as_the_gateway_expects_and_runs_as_nobody(image: Stage) -> None:
    assert image.text("STOPSIGNAL") == "SIGTERM"
    assert re.fullmatch(r"[1-9]\d{3,}", image.text("USER"))
    after = [each.name for each in image.instructions]
    assert "RUN" not in after[after.index("USER") :]


def test_what_it_installs_is_what_the_makefile_installs(image: Stage) -> None:
    build = stages(TEXT)[0]
    assert build.texts("RUN")[-1] == "make install PREFIX=/opt/apigw"
    assert f"--from={build.name} /opt/apigw /opt/apigw" in image.texts("COPY")
    for text in image.texts("COPY"):
        if not text.startswith("--from"):
            assert all((ROOT / name).exists() for name in text.split()[:-1])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^install: wheel.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    assert "--require-hashes -r requirements/runtime.txt" in recipe[1]


def test_what_git_ignores_is_not_copied() -> None:
    """What a developer built or served must not reach the image."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
    kept_out = {line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text().split()}
    assert {line.removeprefix("**/") for line in ignored} | {".git"} <= kept_out
