"""The Python API: a gateway inside this process, for tests, scripts and notebooks.

with Gateway.from_file("api.yaml", stage="dev") as gateway:
    httpx.get(gateway.url("/pets"))

docs/python.md is its guide. The gateway runs on threads of its own (``background``); nothing here is on a request's
path.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

import msgspec

from apigw import config, documents
from apigw.app import App, tls_files
from apigw.documents import Deployed, Document, changes
from apigw.errors import GatewayError
from apigw.gateway import boto3_client
from apigw.gateway.apis import Api, Change, api_of, choose, deployed_apis, none_such
from apigw.gateway.background import Background
from apigw.gateway.given_settings import File, GivenSettings

DocumentLike = File | Mapping[str, Any]
"""The path of an OpenAPI document in JSON or YAML, or a document as Python objects (known by its ``info.title``)."""

# What a gateway for tests wants other than ``apigw serve``; see docs/python.md.
_DEFAULTS = {
    "listen": "127.0.0.1:0",
    "listen_tls": "127.0.0.1:0",
    "admin_listen": "127.0.0.1:0",
    "access_log": "off",
    "workers": 1,
    "grace": 5,
}


class Gateway:
    """A gateway in this process: made by a class method, started by ``with``, ``async with`` or ``start``.

    Its ports are free ones of loopback and its data directory is a new one that goes with it, unless settings say
    otherwise. It can be used from any thread, and there can be any number of them. Errors are ``GatewayError``.
    """

    def __init__(self, documents: Sequence[DocumentLike], stage: str | None, settings: config.Settings) -> None:
        """Use ``from_file``, ``from_documents`` or ``from_settings``."""
        self._documents = documents
        self._stage = stage
        self._settings = settings
        self._starting = threading.Lock()
        self._loading = threading.Lock()
        self._background: Background | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._app: App | None = None
        self._apis: dict[tuple[str, str], Api] = {}

    @classmethod
    def from_file(cls, path: File, *, stage: str | None = None, **settings: Unpack[GivenSettings]) -> Self:
        """A gateway that serves the OpenAPI document at ``path`` on ``stage`` (default ``dev``).

        ``settings`` are those of docs/settings.md. The document is read when the gateway starts. Raises
        ``SettingError``.
        """
        return cls.from_documents([path], stage=stage, **settings)

    @classmethod
    def from_documents(
        cls, documents: Sequence[DocumentLike], *, stage: str | None = None, **settings: Unpack[GivenSettings]
    ) -> Self:
        """A gateway that serves several documents: paths, and documents as Python objects. Raises ``SettingError``."""
        if isinstance(documents, str | os.PathLike | Mapping):
            raise TypeError("from_documents takes a list; for one file there is from_file")
        return cls(list(documents), stage, _settings(None, settings))

    @classmethod
    def from_settings(
        cls,
        path: File = "apigw.toml",
        documents: Sequence[DocumentLike] = (),
        *,
        stage: str | None = None,
        **settings: Unpack[GivenSettings],
    ) -> Self:
        """A gateway with the settings of a file, and of ``settings``, which beat it.

        What neither says is as for ``from_file``. It serves what its data directory holds, and ``documents``. Raises
        ``SettingError``, with the file and the setting.
        """
        return cls(list(documents), stage, _settings(Path(path), settings))

    def start(self) -> Self:
        """Serve; returns when the documents are served. ``with`` does the same, and stops it.

        Raises ``DocumentError`` with file, line and JSON path of all that is wrong with a document, or
        ``GatewayError``; nothing is left running then.
        """
        background = self._begin()
        try:
            self._up(background, background.up.result())
        except BaseException:
            background.end()
            self._finish()
            raise
        return self

    def stop(self) -> None:
        """Let requests in flight finish for up to ``grace``, then cut the rest; removes a temporary data directory.

        Stopping what does not run does nothing. In a coroutine whose loop serves a backend use ``async with``: this
        blocks.
        """
        if (background := self._background) is None:
            return
        background.end()
        try:
            background.down.result()
        finally:
            self._finish()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        background = self._begin()
        try:
            self._up(background, await asyncio.wrap_future(background.up))
        except BaseException:
            # Also when this task was cancelled: nothing may be left running, so the end is waited for.
            background.end()
            self._finish()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (background := self._background) is None:
            return
        background.end()
        try:
            await asyncio.wrap_future(background.down)
        finally:
            self._finish()

    def __repr__(self) -> str:
        """Its APIs and where it listens; no secrets."""
        if self._app is None:
            return "<Gateway, not running>"
        return (
            f"<Gateway {', '.join(self._app.running.listen)}: {', '.join(api.name for api in self.apis) or 'no APIs'}>"
        )

    @property
    def apis(self) -> tuple[Api, ...]:
        """What the documents became, in the order in which they were loaded."""
        return tuple(self._apis.values())

    @property
    def api_id(self) -> str:
        """The id of the one API; raises ``GatewayError`` when there are several."""
        return self.api().id

    @property
    def admin_url(self) -> str:
        """The URL of the management API, ``/health``, ``/ready`` and ``/metrics``."""
        return self.environment()["AWS_ENDPOINT_URL"]

    @property
    def data_dir(self) -> Path:
        """Where its database is."""
        return self._running().settings.data_dir

    def api(self, name: str | None = None, *, stage: str | None = None) -> Api:
        """The API with this title or id, on this stage; what is not said must be clear. Raises ``GatewayError``.

        APIs of documents come first; those that were made by a client or found in the data directory come after.
        """
        app = self._running()
        if (found := choose(self.apis, name, stage)) is not None:
            return found
        there = deployed_apis(app)
        if (found := choose(there, name, stage)) is not None:
            return found
        raise none_such(there, name, stage)

    def url(self, path: str = "/", *, api: str | None = None, stage: str | None = None, tls: bool = False) -> str:
        """The URL of a path of an API, chosen as by ``api``; of HTTPS with ``tls``. Raises ``GatewayError``."""
        return self.api(api, stage=stage).url(path, tls=tls)

    @property
    def certificate(self) -> Path:
        """The certificate of HTTPS, a PEM file; clients that trust it verify the gateway. Raises ``GatewayError``."""
        found = tls_files(self._running().settings)
        if found is None:
            raise GatewayError("this gateway serves no HTTPS: its setting listen_tls is off")
        return found[0]

    def load(self, document: DocumentLike, *, stage: str | None = None) -> Change:
        """Load a document into the running gateway: a new API, or the next deployment of the API it became before.

        Returns what changed, when it is served. Raises ``DocumentError`` as ``start`` does; what was served is served
        on. Requests are served meanwhile, and none is lost.
        """
        app = self._running()
        read = _read(document)
        # One after the other: what another load changed is not this one's change.
        with self._loading:
            return self._load(app, read, stage or self._stage)

    def environment(self) -> dict[str, str]:
        """The ``AWS_*`` variables with which AWS's clients, boto3 among them, talk to this gateway."""
        return self._running().aws_environment()

    def client(self, service: str = "apigateway", **options: Any) -> Any:
        """A boto3 client of the management API; needs boto3, which is not installed with apigw.

        ``service`` is ``apigateway`` or ``apigatewayv2``; ``options`` go to ``boto3.client``.
        """
        return boto3_client.client(self.environment(), service, options)

    def flush_access_log(self) -> None:
        """Have the access log's file hold a line for every request that was answered before."""
        self._running().flush_log()

    def _begin(self) -> Background:
        with self._starting:
            if self._background is not None:
                raise GatewayError("the gateway is running already")
            settings = self._settings
            if settings.data_dir == _TEMPORARY:
                self._temporary = tempfile.TemporaryDirectory(prefix="apigw-")
                settings = msgspec.structs.replace(settings, data_dir=Path(self._temporary.name))
            try:
                self._background = Background(settings, self._load_all)
            except BaseException:
                self._clean()
                raise
            return self._background

    def _load_all(self, app: App) -> None:
        read = [_read(document) for document in self._documents]
        for position, document in enumerate(read):
            if document.identity in {each.identity for each in read[:position]}:
                raise documents.DocumentError(f"{document.name} is there twice")
        for document in read:
            self._keep(app, app.load(document, self._stage))

    def _load(self, app: App, document: Document, stage: str | None) -> Change:
        known = documents.find(app.send, document)
        before = {} if known is None else changes.methods(app.send, known)
        deployed = app.load(document, stage)
        after = changes.methods(app.send, deployed.api_id)
        return Change(self._keep(app, deployed), deployed.changed, changes.between(before, after))

    def _keep(self, app: App, deployed: Deployed) -> Api:
        assert deployed.stage is not None
        api = api_of(app, deployed.api_id, deployed.name, deployed.stage, deployed.warnings)
        self._apis[api.id, api.stage] = api
        return api

    def _up(self, background: Background, app: App) -> None:
        with self._starting:
            if self._background is not background:
                raise GatewayError("the gateway was stopped while it started")
            self._app = app

    def _running(self) -> App:
        if self._app is None:
            raise GatewayError("the gateway is not running; start it with: with gateway: …")
        return self._app

    def _finish(self) -> None:
        """Wait for the last of it, and forget it."""
        with self._starting:
            if self._background is not None:
                self._background.join()
            self._background = self._app = None
            self._apis = {}
            self._clean()

    def _clean(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None


# What settings say when nobody chose a directory: a new one is made at every start.
_TEMPORARY = Path("/a temporary directory")


def _settings(file: Path | None, given: GivenSettings) -> config.Settings:
    return config.load_for_python({"data_dir": _TEMPORARY, **_DEFAULTS}, file, given)


def _read(document: DocumentLike) -> Document:
    if isinstance(document, Mapping):
        return documents.from_mapping(document)
    return documents.from_file(Path(document))
