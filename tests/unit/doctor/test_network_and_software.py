"""Ports that are taken, gateways that do not answer, certificate files, versions that do not belong together."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apigw import config
from apigw.data_dir import Running
from apigw.doctor import network, software
from apigw.doctor.examine import Asked, examine
from apigw.doctor.finding import Finding
from tests.backends.certificates import Authority


def ports(running: Running | None = None, owner: int | None = 7, **settings: Any) -> list[Finding]:
    given = {"listen": "127.0.0.1:0", "listen_tls": "off", "admin_listen": "127.0.0.1:0", **settings}
    return list(network.examine(config.load(given, {}), running, lambda port: owner))


def test_a_port_that_somebody_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        found, other = ports(listen=address)
        assert (found.state, found.message) == ("failure", "process 7 has it")
        assert found.advice == "end it or choose another with --listen"
        assert other.state == "ok"
        assert ports(owner=None, listen=address)[0].message == "another process has it"


def test_a_free_port(free_port: Callable[[], int]) -> None:
    assert ports(listen=f"127.0.0.1:{free_port()}")[0].message == "free"


def test_an_address_of_another_machine() -> None:
    found = ports(listen="192.0.2.1:8080", plain_http=True)[0]
    assert (found.state, found.message) == ("failure", "this machine does not have that address")


def test_the_ports_of_the_running_gateway_are_its_own(free_port: Callable[[], int]) -> None:
    listen, dead = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    found = ports(Running(42, [listen], [dead]), listen=listen, admin_listen=dead)
    assert found[0].message == found[1].message == "the running gateway has it (pid 42)"
    assert (found[2].state, f"does not answer on {dead}" in found[2].message) == ("failure", True)


@pytest.mark.parametrize(
    ("version", "implementation", "system", "state"),
    [
        ((3, 11, 0), "cpython", "linux", "ok"),
        ((3, 10, 9), "cpython", "linux", "failure"),
        ((3, 12, 0), "pypy", "linux", "failure"),
        ((3, 12, 0), "cpython", "darwin", "warning"),
    ],
)
def test_python(version: tuple[int, int, int], implementation: str, system: str, state: str) -> None:
    assert software.python(version, implementation, system).state == state


def test_both_halves_are_of_one_build() -> None:
    assert software.versions("1.0", "1.0").state == "ok"
    assert software.versions("1.0", "1.1").state == "failure"


def test_the_trust_store(tmp_path: Path) -> None:
    empty = software.trust_store({"SSL_CERT_FILE": str(tmp_path / "none")})
    assert (empty.state, str(tmp_path) in empty.message) == ("warning", True)
    (tmp_path / "a.pem").write_text("-----BEGIN CERTIFICATE-----\n" * 2)
    assert "2 authorities" in software.trust_store({"SSL_CERT_DIR": str(tmp_path)}).message


@pytest.mark.openssl
def test_more_authorities(tmp_path: Path) -> None:
    authority = Authority.made(tmp_path / "authority")
    assert software.ca_file(authority.file, time.time()).message == f"1 in {authority.file}"
    in_a_year = software.ca_file(authority.file, time.time() + 365 * 86_400)
    assert (in_a_year.state, "1 of 1" in in_a_year.message) == ("warning", True)
    (tmp_path / "none.pem").write_text("nothing")
    assert software.ca_file(tmp_path / "none.pem", 0).state == "failure"
    assert "No such file" in software.ca_file(tmp_path / "missing.pem", 0).message


def test_settings_that_are_refused_do_not_hide_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apigw.toml").write_text("nonsense = 1\n")
    found = {each.check: each for each in examine(Asked({}, None, {}, "0", lambda port: None))}
    assert (found["settings"].state, "nonsense" in found["settings"].message) == ("failure", True)
    assert {"python", "trust store", "clock"} <= set(found)
    assert "data directory" not in found


def test_the_settings_say_where_they_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def source(flags: dict[str, Any], **environment: str) -> str:
        asked = Asked({"data_dir": str(tmp_path), **flags}, None, environment, "0", lambda port: None)
        return next(each.message for each in examine(asked) if each.check == "settings")

    assert source({"data_dir": None}) == "the defaults"
    (tmp_path / "apigw.toml").write_text("workers = 1\n")
    assert source({"listen": ("0",)}, APIGW_STAGE="x") == "apigw.toml, APIGW_STAGE, --data-dir, --listen"
