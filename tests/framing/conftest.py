"""One engine for all: an API whose backend records and, asked to, lies."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, cast

import msgspec
import pytest

from apigw.config import AccountLimits, CacheConfig, EngineConfig, Limits
from apigw.engine import Engine
from apigw.snapshot import units
from tests.backends.recording import Backend, Received
from tests.framing.wire import talk

API = "framing001"
UNCACHED = units.CacheKey(namespace="framing", parameters=[])
STAGE = "live"
HOST = f"{API}.execute-api.localhost"


class _Tap(io.RawIOBase):
    """A connection that keeps what is read from it."""

    def __init__(self, connection: socket.socket, taken: bytearray) -> None:
        self._connection, self._taken = connection, taken

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        length = self._connection.recv_into(into)
        self._taken += into[:length]
        return length


@dataclass
class Liar(Backend):
    """``/keep/{name}``: bytes of ``raw``, and the connection goes on. ``/late/{name}``: a good answer, and those bytes once
    ``release`` is set; ``sent`` says that they are out. ``/silent``: nothing until the other side closes."""

    sent: threading.Event = field(default_factory=threading.Event)
    # Connection → all that came over it, as it came.
    taken: dict[int, bytearray] = field(default_factory=dict)

    def reader(self, connection: socket.socket, number: int) -> BinaryIO:
        self.taken[number] = bytearray()
        return cast(BinaryIO, io.BufferedReader(_Tap(connection, self.taken[number])))

    def _answer(self, connection: socket.socket, request: Received) -> bool:
        kind, _, name = request.target.partition("?")[0].removeprefix("/").partition("/")
        if kind == "keep":
            connection.sendall(self.raw[name])
            return True
        if kind == "late":
            # Else the later bytes wait for the first ones to be acknowledged, and would come as an answer.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            self.release.wait()
            connection.sendall(self.raw[name])
            self.sent.set()
            return True
        if kind == "silent":
            connection.recv(1)
            return False
        return super()._answer(connection, request)


def proxy(backend: Backend, *, timeout: int = 29_000, stream: bool = False) -> units.HttpProxyIntegration:
    return units.HttpProxyIntegration(
        backend=units.Backend(
            uri=f"{backend.url}/{{proxy}}",
            http_method="ANY",
            timeout_in_millis=timeout,
            insecure_skip_verification=False,
        ),
        request_parameters=[
            units.RequestParameter(location="path", name="proxy", source=units.PathSource(name="proxy"))
        ],
        response_transfer_mode="STREAM" if stream else "BUFFERED",
    )


def mapped(
    backend: Backend, source: units.RequestSource | None = None, *, location: str = "header", path: str = "{proxy}"
) -> units.HttpIntegration:
    parameters = [units.RequestParameter(location="path", name="proxy", source=units.PathSource(name="proxy"))]
    if source is not None:
        named = units.RequestParameter(
            location=location, name="proxy" if location == "path" else "X-Mapped", source=source
        )  # type: ignore[arg-type]
        parameters = [named] if location == "path" else [*parameters, named]
    return units.HttpIntegration(
        backend=units.Backend(
            uri=f"{backend.url}/{path}", http_method="ANY", timeout_in_millis=29_000, insecure_skip_verification=False
        ),
        request_parameters=parameters,
        content_handling=None,
        request_templates=[],
        passthrough_behavior="WHEN_NO_MATCH",
        responses=[
            units.IntegrationResponse(
                status_code="200",
                selection_pattern="",
                content_handling=None,
                response_parameters=[],
                response_templates=[],
            )
        ],
    )


SOURCES: dict[str, units.RequestSource] = {
    "path": units.PathSource(name="proxy"),
    "querystring": units.QuerystringSource(name="x"),
    "multi": units.MultiValueQuerystringSource(name="x"),
    "header": units.HeaderSource(name="X-In"),
    "multiheader": units.MultiValueHeaderSource(name="X-In"),
    "context": units.ContextSource(path="path"),
}


def patch(backend: Backend, variables: list[units.StageVariable] | None = None) -> units.SnapshotPatch:
    integrations: dict[str, units.Integration] = {
        "/{proxy+}": proxy(backend),
        "/hurry/{proxy+}": proxy(backend, timeout=200),
        "/stream/{proxy+}": proxy(backend, stream=True),
        "/mapped/{proxy+}": mapped(backend),
        "/mock": units.MockIntegration(
            content_handling=None,
            request_templates=[units.Template(content_type="$default", text='{"statusCode": 200}')],
            passthrough_behavior="WHEN_NO_MATCH",
            responses=[
                units.IntegrationResponse(
                    status_code="200",
                    selection_pattern="",
                    content_handling=None,
                    response_parameters=[],
                    response_templates=[],
                )
            ],
        ),
    }
    for name, source in SOURCES.items():
        for location in ("header", "querystring", "path"):
            integrations[f"/{location}-{name}/{{proxy+}}"] = mapped(backend, source, location=location)
    resources = [
        units.Resource(
            resource_id=f"r{number:05}",
            path=path,
            methods=[
                units.Method(
                    http_method="ANY",
                    validation=None,
                    method_responses=["200"],
                    integration=integration,
                    cache_key=UNCACHED,
                )
            ],
        )
        for number, (path, integration) in enumerate(sorted(integrations.items()))
    ]
    deployment = units.Deployment(
        api_id=API,
        api_name="framing",
        deployment_id="dep001",
        account_id="123456789012",
        region="us-east-1",
        endpoint_type="REGIONAL",
        disable_execute_api_endpoint=False,
        binary_media_types=[],
        gateway_responses=[],
        models=[],
        minimum_compression_size=None,
        resources=resources,
    )
    stage = units.Stage(
        api_id=API,
        stage_name=STAGE,
        deployment_id="dep001",
        variables=variables or [],
        canary=None,
        access_log=None,
        method_settings=[],
        cache_bytes=0,
        client_certificate=None,
    )
    return units.SnapshotPatch(put=[deployment, stage], remove=[])


@dataclass
class Served:
    """The running engine and what is behind it."""

    engine: Engine
    backend: Liar
    port: int
    admin_port: int
    tls_port: int

    def get(self, path: str, *fields: str, method: str = "GET", body: bytes = b"") -> bytes:
        """A request to the API, framed as it should be."""
        lines = [f"{method} /{STAGE}{path} HTTP/1.1", f"Host: {HOST}", *fields]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate's file and its key's."""
    folder = tmp_path_factory.mktemp("certificate")
    made = Engine.self_signed_certificate(int(time.time()))
    paths = [folder / name for name in ("certificate.pem", "key.pem")]
    for path, text in zip(paths, made, strict=True):
        path.write_text(text)
    return str(paths[0]), str(paths[1])


@pytest.fixture(scope="module")
def served(certificate: tuple[str, str]) -> Iterator[Served]:
    limits = Limits(
        request_headers=10_240,
        request_target=10_240,
        request_payload=10_485_760,
        response_payload=10_485_760,
        management_body=67_108_864,
        connections=1000,
        buffered_bytes=268_435_456,
        queued_calls=100,
        head_seconds=10,
        idle_seconds=310,
        minimum_body_rate=1,
    )
    config = EngineConfig(
        listen=["127.0.0.1:0"],
        listen_tls=["127.0.0.1:0"],
        tls_certificate=certificate[0],
        tls_key=certificate[1],
        admin_listen=["127.0.0.1:0"],
        defer_accept_seconds=1,
        workers=1,
        account_id="123456789012",
        access_key_id="AKIDEXAMPLE",
        secret_access_key="not a secret",
        any_credentials=False,
        regions=[],
        access_log={"to": "off"},
        stage_logs={"to": "stdout"},
        limits=limits,
        account=AccountLimits(throttle=None, regions=[], concurrency=None),
        cache=CacheConfig(memory=64 * 1024**2, successes_only=False),
        deny_backends=[],
        ca_file=None,
    )
    engine = Engine()
    with Liar() as backend:
        bound = msgspec.json.decode(engine.start(msgspec.json.encode(config)))
        try:
            engine.activate([engine.prepare(msgspec.json.encode(patch(backend)))])
            engine.set_ready(True)
            ports = [int(bound[name][0].rpartition(":")[2]) for name in ("listen", "admin_listen", "listen_tls")]
            yield Served(engine, backend, *ports)
            assert b"apigw_panics_total 0\n" in engine.metrics()
        finally:
            engine.stop(0.0)


@pytest.fixture(autouse=True)
def strictly(served: Served) -> Iterator[None]:
    """Whatever a test sends: the backend saw nothing it could not read, and the gateway still works."""
    served.backend.requests.clear()
    served.backend.violations.clear()
    for taken in served.backend.taken.values():
        taken.clear()
    yield
    assert served.backend.violations == []
    seen = len(served.backend.requests)
    answers = talk(served.port, served.get("/echo?probe=1"))
    assert [answer.status for answer in answers] == [200]
    assert served.backend.requests[seen].target == "/echo?probe=1"
    assert len(served.backend.requests) == seen + 1
