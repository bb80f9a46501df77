"""The command line: exit codes, suggestions, refusals without a traceback, masking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apigw.cli.main import COMMANDS, main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    assert isinstance(ended.value.code, int)
    return ended.value.code, shown.out, shown.err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert "Usage:" in out


def test_a_misspelt_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "serv")
    assert code == 2
    assert "No such command 'serv'. Did you mean 'serve'?" in err


def test_a_misspelt_option_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "serve", "--listn", "8080")
    assert code == 2
    assert "--listen" in err


def test_a_wrong_setting_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "serve", "--listen", "nonsense")
    assert code == 2
    assert "--listen: an address such as 127.0.0.1:8080 is needed, not 'nonsense'" in err


def test_plain_http_beyond_loopback_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "serve", "--listen", "0.0.0.0:0")
    assert code == 2
    assert "--plain-http" in err


def test_env_before_the_first_start(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "env")
    assert (code, out) == (1, "")
    assert "start a gateway on it first" in err


def test_env(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APIGW_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("APIGW_SECRET_ACCESS_KEY", "it's")
    code, out, _ = run(capsys, "env", "--region", "eu-west-1")
    assert code == 0
    assert out.splitlines() == [
        "export AWS_ENDPOINT_URL=http://127.0.0.1:9080",
        "export AWS_ACCESS_KEY_ID=key",
        "export AWS_SECRET_ACCESS_KEY='it'\"'\"'s'",
        "export AWS_DEFAULT_REGION=eu-west-1",
        "export AWS_REGION=eu-west-1",
        "unset AWS_SESSION_TOKEN AWS_PROFILE",
    ]


def test_a_missing_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("import", "validate"):
        code, _, err = run(capsys, command, "nowhere.yaml")
        assert code == 1
        assert err == "apigw: nowhere.yaml: No such file or directory\n"


def test_a_file_that_may_be_meant_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    Path("openapi.yaml").touch()
    code, _, err = run(capsys, "validate", "openapi.yml")
    assert code == 1
    assert err == "apigw: openapi.yml: No such file or directory; did you mean openapi.yaml?\n"


def test_snapshot_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "snapshot", "show")
    assert code == 1
    assert "holds no database" in err


def test_no_gateway_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, free_port: Any
) -> None:
    monkeypatch.setenv("APIGW_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("APIGW_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("APIGW_ADMIN_LISTEN", f"127.0.0.1:{free_port()}")
    code, _, err = run(capsys, "list")
    assert code == 1
    assert "start one with: apigw serve" in err


def test_secrets_are_masked() -> None:
    from apigw.cli.snapshot import masked

    unit = {
        "variables": [{"name": "dbPassword", "value": "sesame"}, {"name": "backend", "value": "host:1"}],
        "request_parameters": [
            {"location": "header", "name": "X-Api-Key", "source": {"from": "literal", "value": "sesame"}},
            {"location": "header", "name": "Authorization", "source": {"from": "header", "name": "Authorization"}},
        ],
    }
    shown = masked(unit)
    assert "sesame" not in str(shown)
    assert shown["variables"][1] == {"name": "backend", "value": "host:1"}
    assert shown["request_parameters"][1] == unit["request_parameters"][1]
