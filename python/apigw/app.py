"""The composition root: builds the parts, hands them to each other, and ends them in the right order.

The engine owns every socket; one control thread runs management calls; the loop (uvloop) only wakes it when the
engine's pipe turns readable. Nothing here is global: several gateways may live in one process. Signals are those of
``cli/serve``.
"""

from __future__ import annotations

import asyncio
import functools
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import orjson

from apigw import config, data_dir, documents, urls
from apigw.admin_api import AdminError
from apigw.aws import dispatch
from apigw.aws_environment import aws_environment
from apigw.config import Settings
from apigw.control.commit import Wiring
from apigw.control.ids import RandomIds
from apigw.control.load import Loaded, Loader, load
from apigw.control.operation import AccountThrottle, Call, NewCertificate
from apigw.control.thread import ControlThread
from apigw.data_dir import Credentials, DataDirError, Running
from apigw.documents import Deployed, Document, problems
from apigw.domain import quotas
from apigw.domain.errors import BadRequest, Unavailable
from apigw.engine import Engine, PrepareError, StartError
from apigw.errors import GatewayError
from apigw.machine.port_owner import port_owner
from apigw.snapshot import compile as compiler
from apigw.snapshot import describe, publish
from apigw.store.lock import lock_directory
from apigw.store.protocol import Store, Transaction
from apigw.store.sqlite import open_sqlite

# What a running gateway takes over on SIGHUP; everything else waits for a restart.
RELOADABLE = {
    *("stage", "access_log", "drain_delay", "grace"),
    *("max_request_headers", "max_request_target", "max_request_payload", "max_response_payload"),
    *("tls_certificate", "tls_key"),
    *("max_management_body", "head_timeout", "idle_timeout", "min_body_rate"),
}
# Methods that are tested at once; more wait.
TESTS = 8
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


class AppError(GatewayError):
    """Why a gateway cannot start; one sentence."""


def partition_of(region: str) -> str:
    """The partition of a region."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


class App:
    """A running gateway; made by ``started``."""

    def __init__(
        self, settings: Settings, keys: Credentials, engine: Engine, control: ControlThread, running: Running
    ) -> None:
        self.settings = settings
        self.running = running
        self.loaded = Loaded(0, 0, [])
        self._keys = keys
        self._engine = engine
        self._control = control

    async def deploy(self, files: Sequence[Path], stage: str | None = None) -> list[Deployed]:
        """``load`` for files, off the loop; none is loaded when one cannot be read."""
        read = [documents.from_file(file) for file in files]
        return [await asyncio.to_thread(self.load, document, stage) for document in read]

    def load(self, document: Document, stage: str | None = None) -> Deployed:
        """Make the API of a document what it says; what did not change is left alone.

        Blocks until it is served. Raises ``DocumentError`` with all that is wrong with the document.
        """
        try:
            return documents.load_document(
                self.send,
                document,
                stage=stage or self.settings.stage,
                region=self.settings.region,
                partition=partition_of(self.settings.region),
            )
        except AdminError as error:
            raise problems.explain(document, error, Engine.yaml_to_json, Engine.check) from None

    def send(self, method: str, path: str, query: list[tuple[str, str]], body: bytes) -> tuple[int, Any]:
        """A management call from inside the process, as root; blocks until it is served (``admin_api.Send``)."""
        head = orjson.dumps(
            {
                "method": method,
                "path": path,
                "query": urlencode(query, quote_via=quote),
                "headers": [["accept", "application/json"], ["content-type", "application/json"]],
                "request_id": str(uuid.uuid4()),
                "caller": {
                    "access_key_id": self._keys.access_key_id,
                    "region": self.settings.region,
                    "service": "apigateway",
                    "source_ip": "127.0.0.1",
                },
            }
        )
        answer_head, answer_body = self._control.request(head, body).result()
        return orjson.loads(answer_head)["status"], orjson.loads(answer_body) if answer_body else None

    def aws_environment(self) -> dict[str, str]:
        """The variables with which AWS's clients talk to the management API, as root."""
        endpoint = f"http://{urls.reachable(self.running.admin_listen[0])}"
        return aws_environment(endpoint, self._keys, self.settings.region)

    def set_ready(self, ready: bool) -> None:
        """What ``/ready`` says."""
        self._engine.set_ready(ready)

    def reload(self, settings: Settings) -> list[str]:
        """Reopen log files and take the settings that may change; the names of those that wait for a restart."""
        old = self.settings
        differing = [name for name in settings.__struct_fields__ if getattr(settings, name) != getattr(old, name)]
        taken = {name: getattr(settings, name) for name in differing if name in RELOADABLE}
        if settings.access_log["to"] != old.access_log["to"]:
            # Another file is opened; another kind of log is another writer.
            taken.pop("access_log")
        new = msgspec.structs.replace(old, **taken)
        try:
            self._engine.reload(_engine_config(new, self._keys))
        except (StartError, DataDirError) as error:
            raise AppError(str(error)) from None
        self.settings = new
        return [name for name in differing if name not in taken]

    def flush_log(self) -> None:
        """Have the access log hold a line for every request that was answered before."""
        self._engine.flush_log()

    def units(self) -> list[tuple[str, str]]:
        """``(key, hash)`` of all that is served."""
        return self._engine.units()

    async def stop(self) -> int:
        """Drain as the settings say; how many requests were cut."""
        self._engine.set_ready(False)
        await asyncio.sleep(self.settings.drain_delay)
        return await asyncio.to_thread(self._engine.stop, self.settings.grace)


@asynccontextmanager
async def started(settings: Settings, environment: Mapping[str, str] = os.environ) -> AsyncIterator[App]:
    """A gateway that serves what its data directory holds; not yet ready (see ``set_ready``)."""
    async with AsyncExitStack() as ending:
        data_dir.prepare(settings.data_dir)
        ending.callback(lock_directory(settings.data_dir).release)
        keys = data_dir.credentials(settings.data_dir, environment, make=True)
        store = open_sqlite(settings.data_dir / data_dir.DATABASE)
        ending.callback(store.close)
        engine = Engine()
        loaded = await asyncio.to_thread(load, store, _loader(engine))
        testing = ThreadPoolExecutor(TESTS, thread_name_prefix="apigw-test")
        # After the engine: a test that waits for a backend ends with it.
        ending.push_async_callback(asyncio.to_thread, testing.shutdown)
        running = _start(engine, settings, keys)
        ending.push_async_callback(asyncio.to_thread, engine.stop, 0.0)
        control = ControlThread(_wiring(engine, store, settings, testing.submit), engine.take_calls)
        control.start()
        ending.push_async_callback(asyncio.to_thread, control.stop)
        loop = asyncio.get_running_loop()
        calls = engine.calls_fd()
        loop.add_reader(calls, _woken, calls, control)
        ending.callback(loop.remove_reader, calls)
        ending.enter_context(data_dir.announced(settings.data_dir, running))
        app = App(settings, keys, engine, control, running)
        app.loaded = loaded
        yield app


def _woken(calls: int, control: ControlThread) -> None:
    """The engine has calls: empty its pipe, then have them taken."""
    with suppress(BlockingIOError):
        while os.read(calls, 4096):
            pass
    control.wake()


def _start(engine: Engine, settings: Settings, keys: Credentials) -> Running:
    try:
        bound = orjson.loads(engine.start(_engine_config(settings, keys)))
    except StartError as error:
        raise AppError(f"{error}{_blame(settings)}") from None
    return Running(os.getpid(), bound["listen"], bound["admin_listen"], bound["listen_tls"])


def _blame(settings: Settings) -> str:
    """Who has one of our ports, as far as can be seen."""
    for listener in (*settings.listen, *settings.listen_tls, *settings.admin_listen):
        port = int(listener.rpartition(":")[2])
        if port and (pid := port_owner(port)) is not None and pid != os.getpid():
            return f" (port {port} is taken by pid {pid})"
    return ""


def _engine_config(settings: Settings, keys: Credentials) -> bytes:
    return config.engine_config(settings, keys.access_key_id, keys.secret_access_key, tls_files(settings))


def tls_files(settings: Settings) -> tuple[Path, Path] | None:
    """The certificate and its key: the settings' own, or those of the data directory, which are made if need be."""
    if not settings.listen_tls:
        return None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        return settings.tls_certificate, settings.tls_key
    return data_dir.certificate(settings.data_dir, lambda: Engine.self_signed_certificate(int(time.time())))


def _loader(engine: Engine) -> Loader:
    return Loader(
        prepare=engine.prepare,
        activate=engine.activate,
        prepare_error=PrepareError,
        compiler=compiler.COMPILER,
        recompile=publish.recompile,
        stages=publish.stages,
    )


def _wiring(engine: Engine, store: Store, settings: Settings, later: Callable[[Callable[[], None]], object]) -> Wiring:
    def test_invoke(patch: bytes, request: bytes) -> bytes:
        try:
            return engine.test_invoke(patch, request)
        except PrepareError as error:
            raise BadRequest(describe.problems(patch, error.args[0])) from error
        except ValueError as error:
            raise BadRequest(str(error)) from error
        except StartError as error:
            raise Unavailable(str(error)) from error

    cache_memory = config.cache_memory(settings)

    def account_throttle(region: str) -> AccountThrottle | None:
        found = config.account_throttle(settings, region)
        return None if found is None else AccountThrottle(found.rate_limit, found.burst_limit)

    def call(caller: dispatch.Caller, transaction: Transaction) -> Call:
        return Call(
            account=settings.account_id,
            region=caller.region,
            partition=partition_of(caller.region),
            access_key_id=caller.access_key_id,
            now=int(time.time()),
            ids=RandomIds(),
            store=transaction,
            yaml_to_json=engine.yaml_to_json,
            flush_cache=engine.flush_cache,
            cache_memory=cache_memory,
            quotas=quotas.AWS if settings.quotas == "aws" else quotas.NONE,
            account_throttle=account_throttle(caller.region),
            check_text=engine.check,
            new_certificate=lambda since, until: NewCertificate(*engine.client_certificate(since, until)),
        )

    return Wiring(
        store=store,
        answer=engine.answer,
        prepare=engine.prepare,
        activate=engine.activate,
        prepare_error=PrepareError,
        affected=publish.affected,
        perform=functools.partial(dispatch.perform, call_factory=call, test_invoke=test_invoke),
        later=later,
        refuse=dispatch.refuse,
        is_read_only=dispatch.is_read_only,
    )
