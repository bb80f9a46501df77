"""``apigw.Gateway`` as its users have it: in scripts, in running loops, in threads, several at once, and when things go wrong.

docs/python.md is the guide; ``test_docs`` runs its examples.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest

import apigw
from apigw import DocumentError, Gateway, GatewayError, SettingError
from tests.backends.recording import Backend
from tests.conftest import ROOT
from tests.journeys.fault_api import document as several
from tests.journeys.fault_api import http_proxy, mock
from tests.journeys.mock_api import WRONG_DOCUMENT, document

PETSTORE = ROOT / "examples/petstore/openapi.yaml"


def tree(title: str, said: str) -> dict[str, Any]:
    """A document as Python objects."""
    parsed: dict[str, Any] = json.loads(document(title, said))
    return parsed


def text(url: str) -> str:
    answer = httpx.get(url)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.fixture
def nothing_is_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads (Rust's too), descriptors and temporary files are as before."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with Gateway.from_documents([]):
        # What is made once in a process is there now.
        pass
    before = _open()
    yield
    deadline = time.monotonic() + 10
    # A thread that was joined may still be on its way out of the kernel.
    while _open() != before and time.monotonic() < deadline:
        pass
    assert _open() == before
    assert list(temporary.iterdir()) == []


def _open() -> tuple[int, int, list[str]]:
    threads, files = Path("/proc/self/task"), Path("/proc/self/fd")
    if not threads.is_dir():
        pytest.skip("needs Linux's /proc")
    return len(list(threads.iterdir())), len(list(files.iterdir())), sorted(each.name for each in threading.enumerate())


@pytest.mark.usefixtures("nothing_is_left")
def test_a_file_is_served() -> None:
    gateway = Gateway.from_file(str(PETSTORE), stage="test")
    assert repr(gateway) == "<Gateway, not running>"
    with gateway as same:
        assert same is gateway
        assert httpx.get(gateway.url("/pets")).json()[0]["type"] == "dog"
        assert gateway.url("pets?type=dog").endswith(f"/_aws/execute-api/{gateway.api_id}/test/pets?type=dog")
        (api,) = gateway.apis
        assert (api.id, api.name, api.stage) == (gateway.api_id, "petstore", "test")
        assert api.url("/pets") == gateway.url("/pets")
        assert "petstore" in repr(gateway)
        assert gateway.data_dir.is_dir()
        assert httpx.get(f"{gateway.admin_url}/ready").status_code == 200
        with pytest.raises(GatewayError, match="running already"):
            gateway.start()
    assert not gateway.apis
    for use in (gateway.url, gateway.environment, lambda: gateway.load(PETSTORE), lambda: gateway.data_dir):
        with pytest.raises(GatewayError, match="not running"):
            use()
    # Another start is a new gateway.
    with gateway:
        assert httpx.get(gateway.url("/pets")).status_code == 200


@pytest.mark.usefixtures("nothing_is_left")
def test_several_documents_in_one_gateway(tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    first.write_bytes(document("first", "from a file"))
    with Gateway.from_documents([first, tree("second", "from memory")]) as gateway:
        assert [api.name for api in gateway.apis] == ["first", "second"]
        assert text(gateway.url(api="first")) == "from a file"
        assert text(gateway.url(api=gateway.apis[1].id)) == "from memory"
        with pytest.raises(GatewayError, match=r"which API is meant\? There are: first \(\w{10}\) on dev, second"):
            gateway.url("/")
        with pytest.raises(GatewayError, match=r"no API called 'third' on stage 'x'; there are: "):
            gateway.url("/", api="third", stage="x")


def test_a_list_is_a_list() -> None:
    with pytest.raises(TypeError, match="takes a list"):
        Gateway.from_documents("api.yaml")
    with (
        pytest.raises(DocumentError, match="'same' is there twice"),
        Gateway.from_documents([tree("same", "a"), tree("same", "b")]),
    ):
        pass


@pytest.mark.usefixtures("nothing_is_left")
def test_settings_come_from_the_file_and_the_call_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "apigw.toml"
    settings.write_text(
        'data_dir = "kept"\nstage = "live"\nmax_request_target = "2 KiB"\naccount_id = "111122223333"\n'
    )
    monkeypatch.chdir(tmp_path)
    # Neither the developer's variables nor a file that nobody named change a test.
    monkeypatch.setenv("APIGW_MAX_REQUEST_TARGET", "nonsense")
    with Gateway.from_file(PETSTORE) as gateway:
        assert gateway.apis[0].stage == "dev"
        assert httpx.get(gateway.url("/" + "a" * 3000)).status_code == 403
    assert not (tmp_path / "kept").exists()
    with Gateway.from_settings(settings, [PETSTORE], max_request_target="1 KiB") as gateway:
        api = gateway.api_id
        assert gateway.apis[0].stage == "live"
        assert httpx.get(gateway.url("/" + "a" * 1500)).status_code == 414
        assert gateway.data_dir.resolve() == tmp_path / "kept"
    # What the directory holds is served again, without the document.
    with Gateway.from_settings() as gateway:
        assert gateway.apis == ()
        assert gateway.api("petstore").id == api
        assert httpx.get(gateway.url("/pets")).status_code == 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stge = 'dev'", r"apigw.toml: unknown setting 'stge'; did you mean 'stage'\?"),
        ("listen = 'nowhere'", "apigw.toml: listen: an address such as"),
        ("listen = [", r"apigw.toml: Invalid value"),
    ],
)
def test_wrong_settings_are_refused_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "apigw.toml").write_text(text)
    with pytest.raises(SettingError, match=said):
        Gateway.from_settings(tmp_path / "apigw.toml")
    with pytest.raises(SettingError, match=r"grace: a time such as 30 s"):
        Gateway.from_file(PETSTORE, grace="for ever")
    with pytest.raises(SettingError, match=r"unknown setting 'lisen'; did you mean 'listen'\?"):
        Gateway.from_file(PETSTORE, lisen="0")  # type: ignore[call-arg]
    with pytest.raises(SettingError, match=r"none.toml: No such file"):
        Gateway.from_settings(tmp_path / "none.toml")


def test_a_load_says_what_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_bytes(several({"/": mock("one"), "/old": mock("old"), "/same": mock("same")}))
    with Gateway.from_file(file) as gateway:
        unchanged = gateway.load(file)
        assert (unchanged.changed, str(unchanged)) == (False, f"{gateway.apis[0].name}: unchanged")
        file.write_bytes(several({"/": mock("two"), "/new": mock("new"), "/same": mock("same")}))
        change = gateway.load(file)
        assert change.changed
        assert (change.methods.added, change.methods.removed, change.methods.changed) == (
            ["ANY /new"],
            ["ANY /old"],
            ["ANY /"],
        )
        assert str(change) == f"{change.api.name}: + ANY /new, - ANY /old, ~ ANY /"
        assert change.api.id == gateway.api_id
        assert text(gateway.url("/new")) == "new"
        assert text(gateway.url()) == "two"
        # The same API on another stage, and another API.
        staged = gateway.load(file, stage="prod")
        assert (staged.api.id, staged.changed, str(staged)) == (change.api.id, True, f"{change.api.name}: deployed")
        assert text(gateway.url(stage="prod")) == "two"
        assert gateway.load(tree("another", "x")).methods.added == ["GET /"]
        assert text(gateway.url(api="another")) == "x"
        assert gateway.load(tree("another", "y")).methods.changed == ["GET /"]


def test_loads_lose_no_request() -> None:
    with Gateway.from_documents([tree("busy", "version 0")], workers=2) as gateway:
        url, done = gateway.url(), threading.Event()

        def ask() -> set[str]:
            seen = set()
            with httpx.Client() as client:
                while not done.is_set():
                    answer = client.get(url)
                    seen.add(f"{answer.status_code} {answer.text}")
            return seen

        with ThreadPoolExecutor(2) as clients:
            asking = [clients.submit(ask) for _ in range(2)]
            for version in range(1, 6):
                gateway.load(tree("busy", f"version {version}"))
                assert text(url) == f"version {version}"
            done.set()
            seen = set.union(*(each.result() for each in asking))
    assert seen <= {f"200 version {version}" for version in range(6)}


@pytest.mark.usefixtures("nothing_is_left")
def test_a_wrong_document_is_refused_with_its_places(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(WRONG_DOCUMENT)
    with pytest.raises(DocumentError) as refused:
        Gateway.from_file(bad).start()
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == (str(bad), 8)
    assert problem.path.startswith("$.paths['/a'].get.x-amazon-apigateway-integration")
    assert f"{bad}:8:" in str(refused.value)
    with pytest.raises(DocumentError, match=r"missing.yaml: No such file"):
        Gateway.from_file(tmp_path / "missing.yaml").start()
    wrong = tree("memory", "x")
    wrong["paths"]["/"]["get"]["x-amazon-apigateway-integration"]["type"] = "nonsense"
    with Gateway.from_documents([tree("memory", "x")]) as gateway:
        with pytest.raises(DocumentError, match=r"'memory' was refused") as refused:
            gateway.load(wrong)
        assert (refused.value.problems[0].line, refused.value.problems[0].path[:14]) == (None, "$.paths['/'].g")
        assert text(gateway.url()) == "x"
        with pytest.raises(DocumentError, match=r"give it one as info.title"):
            gateway.load({"swagger": "2.0"})
        with pytest.raises(DocumentError, match=r"'memory' is not made of JSON values"):
            gateway.load({**wrong, "x": object()})


@pytest.mark.usefixtures("nothing_is_left")
def test_a_start_that_fails_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    with Gateway.from_documents([], data_dir=tmp_path / "data") as first:
        with pytest.raises(GatewayError, match=rf"in use by another gateway \(pid {os.getpid()}\)"):
            Gateway.from_documents([], data_dir=tmp_path / "data").start()
        listener = first.admin_url.removeprefix("http://")
        with pytest.raises(GatewayError, match=listener):
            Gateway.from_documents([], listen=listener).start()


@pytest.mark.usefixtures("nothing_is_left")
def test_an_exception_stops_it(backend: Backend) -> None:
    api = json.loads(several({"/slow": http_proxy(f"{backend.url}/slow")}))

    class OurError(Exception):
        pass

    def journey(clients: ThreadPoolExecutor, flights: list[Future[httpx.Response]]) -> None:
        with Gateway.from_documents([api]) as gateway:
            flights.append(clients.submit(httpx.get, gateway.url("/slow"), timeout=30))
            backend.wait()
            backend.release.set()
            raise OurError

    with ThreadPoolExecutor(1) as clients:
        flights: list[Future[httpx.Response]] = []
        with pytest.raises(OurError):
            journey(clients, flights)
        # What was in flight was answered all the same.
        assert flights[0].result().status_code == 200


@pytest.mark.usefixtures("nothing_is_left")
def test_inside_a_running_loop() -> None:
    async def journey() -> None:
        async with Gateway.from_documents([tree("async", "with")]) as gateway, httpx.AsyncClient() as client:
            assert (await client.get(gateway.url())).text == "with"
            assert (await asyncio.to_thread(gateway.load, tree("async", "changed"))).changed
            assert (await client.get(gateway.url())).text == "changed"
        # The plain form works there too.
        with Gateway.from_documents([tree("plain", "with")]) as gateway:
            async with httpx.AsyncClient() as client:
                assert (await client.get(gateway.url())).text == "with"
        with pytest.raises(DocumentError):
            async with Gateway.from_file("missing.yaml"):
                pass

    asyncio.run(journey())


@pytest.mark.usefixtures("nothing_is_left")
def test_a_cancelled_start_leaves_nothing() -> None:
    async def journey() -> None:
        gateway = Gateway.from_file(PETSTORE)

        async def enter() -> None:
            async with gateway:
                raise AssertionError("it was cancelled")

        task = asyncio.create_task(enter())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert repr(gateway) == "<Gateway, not running>"
        async with gateway:
            pass

    asyncio.run(journey())


@pytest.mark.usefixtures("nothing_is_left")
def test_many_at_once_in_threads() -> None:
    together = threading.Barrier(4)

    def one(number: int) -> str:
        with Gateway.from_documents([tree(f"api{number}", f"gateway {number}")]) as gateway:
            together.wait(60)
            said = text(gateway.url())
            together.wait(60)
            return said

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(one, range(4))) == [f"gateway {number}" for number in range(4)]


@pytest.mark.usefixtures("nothing_is_left")
def test_stopped_from_another_thread_while_it_starts() -> None:
    gateway = Gateway.from_file(PETSTORE)
    with ThreadPoolExecutor(1) as threads:
        starting = threads.submit(gateway.start)
        while gateway._background is None:
            pass
        gateway.stop()
        if (error := starting.exception()) is not None:
            assert isinstance(error, GatewayError), error
    gateway.stop()


def test_it_takes_no_signals() -> None:
    numbers = sorted(signal.valid_signals())
    before = [signal.getsignal(number) for number in numbers], _caught()
    with Gateway.from_documents([]):
        assert ([signal.getsignal(number) for number in numbers], _caught()) == before


def _caught() -> str:
    """Which signals have a handler, Python's or anybody's."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        pytest.skip("needs Linux's /proc")
    return next(line for line in status.splitlines() if line.startswith("SigCgt"))


def test_a_script_that_never_stops_it_ends(tmp_path: Path) -> None:
    script = f"from apigw import Gateway\nprint(Gateway.from_file({str(PETSTORE)!r}).start().data_dir)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    with Gateway.from_documents([tree("known", "x")], region="eu-west-1", account_id="111122223333") as gateway:
        # A client of its own ...
        client = gateway.client()
        assert [api["name"] for api in client.get_rest_apis()["items"]] == ["known"]
        api = client.import_rest_api(body=document("by boto3", "by a client"))["id"]
        client.create_deployment(restApiId=api, stageName="blue")
        client.close()
        assert text(gateway.url(api="by boto3")) == "by a client"
        # ... and one that finds it by the environment.
        for name, value in gateway.environment().items():
            monkeypatch.setenv(name, value)
        import boto3

        found = boto3.client("apigateway")
        assert len(found.get_rest_apis()["items"]) == 2
        found.close()
        with pytest.raises(GatewayError, match="no 's3'; it has apigateway"):
            gateway.client("s3")
        monkeypatch.setitem(sys.modules, "boto3", None)
        with pytest.raises(GatewayError, match="pip install boto3"):
            gateway.client()


def test_the_access_log_holds_what_was_answered(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with Gateway.from_documents([tree("logged", "x")], access_log=log) as gateway:
        for expected in range(1, 4):
            answer = httpx.get(gateway.url())
            gateway.flush_access_log()
            lines = [json.loads(line) for line in log.read_text().splitlines()]
            assert len(lines) == expected
            assert lines[-1]["requestId"] == answer.headers["x-amzn-requestid"]


def test_https() -> None:
    with Gateway.from_documents([tree("secure", "x")]) as gateway:
        trusting = ssl.create_default_context(cafile=gateway.certificate)
        assert httpx.get(gateway.url(tls=True), verify=trusting).text == "x"
        assert gateway.apis[0].url("/a", tls=True) == gateway.url("/a", tls=True)
    with Gateway.from_documents([tree("plain", "x")], listen_tls="off") as gateway:
        with pytest.raises(GatewayError, match="listen_tls is off"):
            gateway.url(tls=True)
        with pytest.raises(GatewayError, match="listen_tls is off"):
            gateway.certificate  # noqa: B018


def test_settings_are_typed() -> None:
    from apigw.config import SETTINGS, identifier
    from apigw.gateway.given_settings import GivenSettings

    assert list(get_type_hints(GivenSettings)) == [identifier(name) for name in SETTINGS if name != "stage"]


def test_the_public_names_are_there_and_documented() -> None:
    for name in apigw.__all__:
        public = getattr(apigw, name)
        assert public.__doc__, name
        members = {member: value for member, value in vars(public).items() if not member.startswith("_")}
        silent = [member for member, value in members.items() if callable(value) and not value.__doc__]
        assert not silent, (name, silent)
    assert set(apigw.__all__) <= set(dir(apigw))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        apigw.nonsense  # type: ignore[attr-defined] # noqa: B018
    loaded = subprocess.run(
        [sys.executable, "-c", "import apigw, sys; print('apigw._engine' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "False\n"
