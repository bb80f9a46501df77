"""The systemd unit: it starts what the CLI has, with settings that exist, stops no earlier than the gateway does, and is
hardened as far as systemd can judge.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from apigw import config
from tests.conftest import ROOT
from tests.packaging.test_image import parsed

UNIT = ROOT / "deploy/systemd/apigw.service"


def said(name: str) -> list[str]:
    """The values of a setting of the unit."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def test_it_starts_what_the_cli_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (command,) = said("ExecStart")
    program, *arguments = command.split()
    assert program == "/opt/apigw/bin/apigw"
    parsed(["apigw", *arguments])
    environment = dict(line.replace("%S", "/var/lib").split("=", 1) for line in said("Environment"))
    settings = config.load({}, environment)
    assert str(settings.data_dir) == f"/var/lib/{said('StateDirectory')[0]}"
    assert said("WorkingDirectory") == [f"%E/{said('ConfigurationDirectory')[0]}"]
    (stop,) = said("TimeoutStopSec")
    assert float(stop) > 5 + settings.drain_delay + settings.grace
    assert int(said("LimitNOFILE")[0]) > 2 * settings.max_connections
    # The exit code of a wrong setting, see cli/main.
    assert said("RestartPreventExitStatus") == ["2"]


@pytest.mark.systemd
def test_systemd_understands_all_of_it(tmp_path: Path) -> None:
    unit = tmp_path / "apigw.service"
    # The program is not installed where the tests run.
    unit.write_text(UNIT.read_text().replace("/opt/apigw/bin/apigw", str(Path(sys.executable).with_name("apigw"))))
    verified = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    ours = [line for line in verified.stderr.splitlines() if "apigw" in line]
    assert (verified.returncode, ours) == (0, []), verified.stderr


@pytest.mark.systemd
def test_systemd_finds_little_to_attack() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", UNIT]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    if "--offline" in judged.stderr or shutil.which("systemd-analyze") is None:
        pytest.skip("this systemd judges running units only")
    assert judged.returncode == 0, judged.stdout
