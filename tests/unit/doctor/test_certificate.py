"""What the doctor says of the certificate for HTTPS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apigw import config
from apigw.doctor import certificate
from apigw.engine import Engine
from tests.backends.certificates import Authority

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate from 2020 to 2090 (dates in both forms), followed by its authority's."""
    authority = Authority.made(tmp_path_factory.mktemp("made") / "authority")
    authority.signs("own", "DNS:example.com", begin="20200101000000Z", end="20900102030405Z")
    path = authority.directory / "chain.pem"
    path.write_text((authority.directory / "own.pem").read_text() + authority.file.read_text())
    return path


def test_the_dates_are_those_of_the_first_certificate(chain: Path) -> None:
    begins, ends = certificate.validity(chain.read_text())
    assert begins == datetime(2020, 1, 1, tzinfo=UTC)
    assert ends == datetime(2090, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_what_ends_soon_is_a_doubt_and_what_ended_a_fault(chain: Path) -> None:
    ends = datetime(2090, 1, 2, 3, 4, 5, tzinfo=UTC)
    rows = [
        (NOW, "ok", "valid until 2090-01-02 03:04 UTC"),
        (ends - timedelta(days=29), "warning", "only"),
        (ends, "failure", "was valid until"),
        (datetime(2019, 1, 1, tzinfo=UTC), "failure", "is not valid before 2020-01-01"),
    ]
    for now, state, words in rows:
        found = certificate.judge(chain, now, is_own=True)
        assert (found.state, words in found.message) == (state, True), found
    assert "SIGHUP" in certificate.judge(chain, ends, is_own=True).advice
    assert "remove" in certificate.judge(chain, ends, is_own=False).advice


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"]
)
def test_what_is_none_is_a_fault(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tls.crt"
    path.write_text(text)
    assert certificate.judge(path, NOW, is_own=True).state == "failure"
    assert certificate.judge(tmp_path / "nowhere", NOW, is_own=True).state == "failure"


def test_the_one_that_a_start_makes_is_looked_at_once_it_is_there(tmp_path: Path) -> None:
    settings = config.load({}, {"APIGW_DATA_DIR": str(tmp_path)})
    assert not list(certificate.examine(settings, NOW))
    made, _ = Engine.self_signed_certificate(int(NOW.timestamp()))
    (tmp_path / "tls.crt").write_text(made)
    (found,) = certificate.examine(settings, NOW)
    assert found.state == "ok", found
    (found,) = certificate.examine(settings, NOW + timedelta(days=365 * 30))
    assert found.state == "failure"
    off = config.load({}, {"APIGW_DATA_DIR": str(tmp_path), "APIGW_LISTEN_TLS": "off"})
    assert not list(certificate.examine(off, NOW))
