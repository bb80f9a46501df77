"""The pytest plug-in: fixtures that give a test a running gateway, and a failed test's requests in its report.

docs/python.md is its guide. It is loaded by every pytest beside which apigw is installed, so it loads no engine itself.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Unpack

    from apigw.gateway import DocumentLike, Gateway
    from apigw.gateway.given_settings import GivenSettings

# What one test asked for: documents, stage, other settings.
_Asked = tuple[tuple["DocumentLike", ...], str | None, dict[str, Any]]
_MOST_SHOWN = 50


class StartGateway(Protocol):
    """What ``apigw_start`` is."""

    def __call__(
        self, *documents: DocumentLike, stage: str | None = None, **settings: Unpack[GivenSettings]
    ) -> Gateway:
        """A running gateway of the test's own; a relative path begins at the directory of the test's file."""


class _Logged:
    """A running gateway and its access log, of which each test has a part."""

    def __init__(self, gateway: Gateway, log: Path) -> None:
        self.gateway = gateway
        self._log = log
        self._seen = 0

    def forget(self) -> None:
        """What was logged so far is not of the test that comes."""
        self._seen = len(self._lines())

    def requests(self) -> list[str]:
        """The requests since then, one line each."""
        return [_shown(line) for line in self._lines()[self._seen :]]

    def _lines(self) -> list[str]:
        from apigw.errors import GatewayError

        # One that was stopped wrote all of it then.
        with contextlib.suppress(GatewayError):
            self.gateway.flush_access_log()
        return self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []


_SHARED = pytest.StashKey[dict[str, _Logged]]()
_USED = pytest.StashKey[list[_Logged]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, meaning in (
        ("apigw_document", "the OpenAPI document that apigw_gateway serves, relative to the ini file"),
        ("apigw_stage", "the stage that documents are deployed to (default: dev)"),
        ("apigw_settings", "an apigw.toml with settings for the gateways, relative to the ini file"),
    ):
        parser.addini(name, meaning, type="string", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "apigw(*documents, stage=None, **settings): what apigw_gateway serves to this test, instead of apigw_document; "
        "relative to the test's file",
    )
    config.stash[_SHARED] = {}


def pytest_unconfigure(config: pytest.Config) -> None:
    for shared in config.stash.get(_SHARED, {}).values():
        shared.gateway.stop()


@pytest.fixture
def apigw_gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """A running apigw.Gateway that serves the ini option apigw_document, or what @pytest.mark.apigw(...) says.

    Tests that ask for the same share it: a test that changes what is served takes apigw_start.
    """
    documents, stage, settings = asked = _asked(request)
    if not documents and not request.config.getini("apigw_settings"):
        pytest.fail(
            'apigw_gateway: which document? Say apigw_document = "api.yaml" in the pytest section of pyproject.toml, '
            'or @pytest.mark.apigw("api.yaml") at the test',
            pytrace=False,
        )
    shared = request.config.stash[_SHARED]
    key = json.dumps([[_plain(document) for document in documents], stage, settings], default=str, sort_keys=True)
    if key not in shared:
        shared[key] = _started(request, asked, tmp_path_factory)
    shared[key].forget()
    request.node.stash.setdefault(_USED, []).append(shared[key])
    return shared[key].gateway


@pytest.fixture
def apigw_start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartGateway]:
    """A function that starts an apigw.Gateway of the test's own: apigw_start("api.yaml", stage="dev").

    Paths are relative to the test's file; all are stopped after the test.
    """
    started: list[_Logged] = []

    def start(*documents: DocumentLike, stage: str | None = None, **settings: Unpack[GivenSettings]) -> Gateway:
        asked = _from(request.path.parent, documents), stage or _ini(request, "apigw_stage"), dict(settings)
        started.append(_started(request, asked, tmp_path_factory))
        request.node.stash.setdefault(_USED, []).append(started[-1])
        return started[-1].gateway

    yield start
    for each in started:
        each.gateway.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        for used in item.stash.get(_USED, []):
            requests = used.requests()
            left_out = [f"({len(requests) - _MOST_SHOWN} requests before these)"] if len(requests) > _MOST_SHOWN else []
            text = "\n".join([*left_out, *requests[-_MOST_SHOWN:]]) or "none"
            report.sections.append((f"requests to {used.gateway!r}", text))
    return report


def _asked(request: pytest.FixtureRequest) -> _Asked:
    """What the nearest marker says, else what the ini file says."""
    marker = request.node.get_closest_marker("apigw")
    settings = dict(marker.kwargs) if marker else {}
    stage = settings.pop("stage", None) or _ini(request, "apigw_stage")
    if marker and marker.args:
        return _from(request.path.parent, marker.args), stage, settings
    document = _ini(request, "apigw_document")
    return _from(_beside_ini(request), [document] if document else []), stage, settings


def _from(directory: Path, documents: Any) -> tuple[DocumentLike, ...]:
    return tuple(each if isinstance(each, Mapping) else directory / each for each in documents)


def _ini(request: pytest.FixtureRequest, name: str) -> str | None:
    return request.config.getini(name) or None


def _beside_ini(request: pytest.FixtureRequest) -> Path:
    inipath = request.config.inipath
    return request.config.rootpath if inipath is None else inipath.parent


def _started(request: pytest.FixtureRequest, asked: _Asked, temporary: pytest.TempPathFactory) -> _Logged:
    """A new gateway; one that cannot start fails the test with its reason and no traceback."""
    from apigw.errors import GatewayError
    from apigw.gateway import Gateway

    documents, stage, settings = asked
    settings.setdefault("access_log", temporary.mktemp("apigw") / "access.log")
    file = _ini(request, "apigw_settings")
    try:
        if file is None:
            gateway = Gateway.from_documents(documents, stage=stage, **settings)
        else:
            gateway = Gateway.from_settings(_beside_ini(request) / file, documents, stage=stage, **settings)
        return _Logged(gateway.start(), Path(settings["access_log"]))
    except GatewayError as error:
        pytest.fail(f"the gateway did not start: {error}", pytrace=False)


def _plain(document: DocumentLike) -> Any:
    return dict(document) if isinstance(document, Mapping) else str(document)


def _shown(line: str) -> str:
    """A line of the access log as a reader wants it; what is no JSON object is shown as it is."""
    try:
        said = json.loads(line)
        status, resource = ("" if said[name] in (0, "-") else said[name] for name in ("status", "resourcePath"))
        parts = [f"{said['httpMethod']} {said['path']} → {status or 'no answer'}", resource or "no resource matched"]
        if "integrationStatus" in said:
            parts.append(f"backend {said['integrationStatus']} in {said['integrationLatency']} ms")
        return ", ".join([*parts, f"{said['responseLatency']} ms", f"request id {said['requestId']}"])
    except (ValueError, KeyError, TypeError):
        return line
