"""The commands beside ``serve``, as users and their scripts run them: machine forms, watching, top, doctor, completion."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.command import PETSTORE, apigw, environment
from tests.journeys.conftest import APIGW, ServedGateway, StartGateway, boto3_client
from tests.journeys.mock_api import document as saying
from tests.unit.cli.tree import leaves

# What each command is given beside --json, and what its answer has at least; ``serve`` has a test of its own.
ANSWERS: dict[str, tuple[list[str | Path], set[str]]] = {
    "env": ([], {"AWS_ENDPOINT_URL", "AWS_SECRET_ACCESS_KEY"}),
    "import": ([PETSTORE, "--stage", "dev"], {"id", "name", "stage", "urls", "warnings"}),
    "list": ([], set()),
    "cors": (["corsapi001", "/"], {"api", "path", "changed", "left", "stage"}),
    "validate": ([PETSTORE], {"file", "valid", "errors", "warnings"}),
    "top": (["--once", "--interval", "0.05"], {"seconds", "connections", "in_flight", "apis"}),
    "ready": ([], {"ready"}),
    "doctor": ([], {"ok", "failures", "warnings", "checks"}),
    "snapshot show": ([], set()),
    "completion": (["bash"], {"shell", "use", "script"}),
}


def test_every_command_but_serve_is_asked_for_json() -> None:
    assert {name for name, _, _ in leaves()} == ANSWERS.keys() | {"serve"}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_machine_form(shared_gateway: ServedGateway, shared_apigateway: Any, tmp_path: Path, name: str) -> None:
    arguments, members = ANSWERS[name]
    if name == "cors":
        shared_apigateway.create_rest_api(name="cors", tags={"_custom_id_": "corsapi001"})
    done = apigw(shared_gateway, *name.split(), *arguments, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert members <= set(answer if isinstance(answer, dict) else ())
    assert done.stderr == ""


@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_use_is_2_and_tells_programs_so(tmp_path: Path, name: str) -> None:
    wrong = apigw(None, *name.split(), "--no-such-option", "--json", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert json.loads(wrong.stderr) == {"error": "No such option '--no-such-option'.", "exit_code": 2}
    assert apigw(None, *name.split(), "--no-such-option", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("name", ["env", "import", "list", "cors", "top", "ready", "snapshot show"])
def test_a_failure_is_1_and_tells_programs_so(tmp_path: Path, name: str) -> None:
    failed = apigw(None, *name.split(), *ANSWERS[name][0], "--json", cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    told = json.loads(failed.stderr)
    assert (told["exit_code"], "start" in told["error"]) == (1, True)


def test_serve_tells_programs_where_it_is(start_gateway: StartGateway) -> None:
    gateway = start_gateway(str(PETSTORE), "--json", "--access-log", "off")
    lines = [json.loads(line) for line in gateway.output.read_text().splitlines()]
    (serving,) = [line for line in lines if line.get("event") == "serving"]
    assert (serving["pid"], serving["listen"]) == (gateway.process.pid, [gateway.listen])
    (api,) = serving["apis"]
    assert (api["name"], api["stage"], api["changed"]) == ("petstore", "dev", True)
    assert httpx.get(api["urls"][1] + "/pets").status_code == 200


def test_a_refused_document_tells_programs_its_places(shared_gateway: ServedGateway, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("openapi: 3.0.1\ninfo: {title: bad}\npaths:\n  /{a}/{a}: {get: {}}\n")
    told = json.loads(apigw(shared_gateway, "import", bad, "--json", cwd=tmp_path).stderr)
    (problem,) = told["problems"]
    assert (problem["path"], problem["line"], problem["column"]) == ("$.paths['/{a}/{a}']", 4, 3)


def test_a_key_that_is_not_the_gateways(shared_gateway: ServedGateway, tmp_path: Path) -> None:
    done = subprocess.run(
        [APIGW, "list"],
        env={**environment(shared_gateway, tmp_path), "APIGW_SECRET_ACCESS_KEY": "another"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "refused the credentials" in done.stderr
    assert "use its --data-dir" in done.stderr


class Watching:
    """``apigw import --watch --json``, an event a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def event(self) -> dict[str, Any]:
        """The next one; the test's own time limit is the longest that it may take."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the watch has ended"
        found: dict[str, Any] = json.loads(line)
        return found


@contextlib.contextmanager
def watching(gateway: ServedGateway, *arguments: str | Path, cwd: Path) -> Iterator[Watching]:
    with subprocess.Popen(
        [APIGW, "import", "--watch", "--json", *arguments],
        env=environment(gateway, cwd),
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Watching(process)
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_a_watched_document_is_served_at_every_save(shared_gateway: ServedGateway, tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_bytes(saying("watched", "first"))
    with watching(shared_gateway, file, "--stage", "dev", cwd=tmp_path) as watch:
        first = watch.event()
        assert (first["event"], first["added"]) == ("imported", ["GET /"])
        url = first["urls"][1]
        assert httpx.get(url).text == "first"

        file.write_bytes(saying("watched", "second"))
        second = watch.event()
        assert (second["id"], second["added"], second["changed"]) == (first["id"], [], ["GET /"])
        assert httpx.get(url).text == "second"

        file.write_text('{\n "openapi": "3.0.1",\n "paths": {"/x": 1}}')
        refused = watch.event()
        assert refused["event"] == "refused"
        assert [(each["path"], each["line"]) for each in refused["problems"]] == [("$.paths['/x']", 3)]
        assert f"{file}:3:" in refused["error"]
        assert httpx.get(url).text == "second"

        third = json.loads(saying("watched", "third"))
        third["paths"]["/new"] = third["paths"]["/"]
        new = tmp_path / "api.json.tmp"
        new.write_text(json.dumps(third))
        new.rename(file)
        renamed = watch.event()
        assert (renamed["added"], renamed["changed"]) == (["GET /new"], ["GET /"])
        assert httpx.get(f"{url}/new").text == "third"


def test_watching_tells_people_too(shared_gateway: ServedGateway, tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_bytes(saying("told", "first"))
    with subprocess.Popen(
        [APIGW, "import", "--watch", file, "--stage", "dev"],
        env=environment(shared_gateway, tmp_path, PYTHONUNBUFFERED="1"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = iter(process.stdout)
        assert next(line for line in said if "watching" in line)
        file.write_bytes(saying("told", "second"))
        assert re.fullmatch(r"\d\d:\d\d:\d\d told: 0 added, 0 removed, 1 changed\n", next(said))
        assert next(said) == "  ~ GET /\n"
        file.write_text("{")
        assert next(line for line in said if "the stage dev serves what it did before" in line)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_top_shows_what_was_asked(gateway: ServedGateway, tmp_path: Path) -> None:
    imported = json.loads(apigw(gateway, "import", PETSTORE, "--stage", "dev", "--json", cwd=tmp_path).stdout)
    for path in ("/pets", "/pets", "/nothing"):
        httpx.get(imported["urls"][1] + path)
    shown = json.loads(apigw(gateway, "top", "--once", "--interval", "0.05", "--json", cwd=tmp_path).stdout)
    (row,) = shown["apis"]
    assert (row["api_id"], row["name"], row["stage"]) == (imported["id"], "petstore", "dev")
    assert (row["requests"], row["errors_4xx"], row["errors_5xx"]) == (3, 1, 0)
    table = apigw(gateway, "top", "--once", "--interval", "0.05", cwd=tmp_path).stdout
    assert "requests/s" in table
    assert f"{imported['id']} petstore" in table
    other = apigw(gateway, "top", "other", "--once", "--interval", "0.05", "--json", cwd=tmp_path)
    assert json.loads(other.stdout)["apis"] == []


def test_top_goes_on_until_it_is_told_to_stop(gateway: ServedGateway, tmp_path: Path) -> None:
    imported = json.loads(apigw(gateway, "import", PETSTORE, "--stage", "dev", "--json", cwd=tmp_path).stdout)
    with subprocess.Popen(
        [APIGW, "top", "--interval", "0.05", "--json"],
        env=environment(gateway, tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["apis"] == []
        httpx.get(imported["urls"][1] + "/pets")
        busy = next(found for found in map(json.loads, process.stdout) if found["apis"])
        assert busy["apis"][0]["rate"] > 0
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_the_doctor_knows_the_running_gateway(gateway: ServedGateway, tmp_path: Path) -> None:
    told = apigw(
        gateway,
        "doctor",
        "--json",
        "--listen",
        gateway.listen,
        "--listen-tls",
        gateway.listen_tls,
        "--admin-listen",
        gateway.admin_listen,
        cwd=tmp_path,
    )
    assert told.returncode == 0
    checks = {each["check"]: each for each in json.loads(told.stdout)["checks"]}
    pid = gateway.process.pid
    assert checks["lock"]["message"] == f"held by the gateway that runs on it (pid {pid})"
    assert checks[f"listen {gateway.listen}"]["message"] == f"the running gateway has it (pid {pid})"
    assert checks[f"gateway {pid}"]["message"] == f"alive and ready on {gateway.admin_listen}"
    assert checks["database"]["state"] == "ok"
    assert httpx.get(f"{gateway.admin}/ready").status_code == 200


def test_the_doctor_finds_what_would_stop_a_gateway(gateway: ServedGateway, tmp_path: Path) -> None:
    told = apigw(None, "doctor", "--listen", gateway.listen, "--listen-tls", "0", "--admin-listen", "0", cwd=tmp_path)
    assert told.returncode == 1
    if Path("/proc/net/tcp").exists():
        assert f"process {gateway.process.pid} has it" in told.stdout
    assert "end it or choose another with --listen" in told.stdout
    assert not (tmp_path / "apigw-data").exists()


def test_a_shell_completes_apis_and_stages(gateway: ServedGateway, tmp_path: Path) -> None:
    imported = json.loads(apigw(gateway, "import", PETSTORE, "--stage", "live", "--json", cwd=tmp_path).stdout)
    api = imported["id"]
    for line, wanted in (
        ("apigw imp", ["import"]),
        ("apigw import --in", ["--into"]),
        ("apigw import x --into ", [api]),
        (f"apigw import x --into {api[:3]}", [api]),
        ("apigw import x --into zzz", []),
        (f"apigw import x --into {api} --stage l", ["live"]),
        ("apigw import x --into other --stage l", []),
        ("apigw top ", [api]),
        ("apigw snapshot show st", [f"stage/{api}/live"]),
        ("apigw completion f", ["fish"]),
    ):
        assert completed(gateway, line, tmp_path) == wanted, line


def test_without_a_gateway_nothing_is_completed_and_nothing_said(tmp_path: Path) -> None:
    for line in ("apigw top ", "apigw import x --into ", "apigw import x --stage ", "apigw nonsense "):
        assert completed(None, line, tmp_path) == [], line


def completed(gateway: ServedGateway | None, line: str, cwd: Path) -> list[str]:
    """What bash offers at the end of a line, with the script in place."""
    words = line.split(" ")
    script = (
        'eval "$(apigw completion bash)"\n'
        f"COMP_WORDS=({' '.join(word or repr('') for word in words)}) COMP_CWORD={len(words) - 1}\n"
        '_apigw_completion apigw\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env=environment(gateway, cwd),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # bash itself says this of completion outside of an interactive shell.
    assert not [line for line in done.stderr.splitlines() if "compopt" not in line], done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("no_color", ["", "1"])
def test_bars_are_for_terminals_and_colours_can_be_refused(
    shared_gateway: ServedGateway, tmp_path: Path, no_color: str
) -> None:
    file = tmp_path / "api.json"
    file.write_bytes(saying("terminal", "x"))
    code, shown = on_a_terminal(
        [APIGW, "import", file, "--stage", "dev"],
        environment(shared_gateway, tmp_path, TERM="xterm-256color", **({"NO_COLOR": no_color} if no_color else {})),
        tmp_path,
    )
    assert code == 0, shown
    assert "importing" in shown
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", shown)) is not bool(no_color)
    silent = apigw(shared_gateway, "import", file, "--stage", "dev", cwd=tmp_path)
    assert silent.stderr == ""


def on_a_terminal(command: list[str | Path], given: dict[str, str], cwd: Path) -> tuple[int, str]:
    """Run a command whose every stream is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=given, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        # A terminal whose other end is closed answers with an error.
        with contextlib.suppress(OSError):
            while more := os.read(ours, 4096):
                shown += more
        os.close(ours)
        return process.wait(timeout=60), shown.decode()


def test_the_table_is_drawn_on_a_terminal(shared_gateway: ServedGateway, tmp_path: Path) -> None:
    apis = boto3_client(shared_gateway).get_rest_apis()["items"]
    assert isinstance(apis, list)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [APIGW, "top", "--interval", "0.05"],
        env=environment(shared_gateway, tmp_path, TERM="xterm-256color", COLUMNS="160"),
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        # Drawn twice: the cursor went up again.
        while shown.count(b"requests/s") < 2 or b"\x1b[1A" not in shown:
            shown += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        os.close(ours)


MODERN = """\
openapi: 3.1.0
info: {title: modern, version: "1"}
webhooks:
  told: {post: {}}
paths:
  /:
    $ref: "#/components/pathItems/Root"
    summary: The root.
components:
  pathItems:
    Root:
      get:
        responses:
          "200": {description: A greeting., content: {application/json: {schema: {const: hello}}}}
        x-amazon-apigateway-integration:
          type: mock
          requestTemplates: {application/json: '{"statusCode": 200}'}
          responses: {default: {statusCode: "200", responseTemplates: {application/json: '"hello"'}}}
"""


def test_a_document_of_openapi_31_is_validated_imported_and_served(start_gateway: StartGateway, tmp_path: Path) -> None:
    file = tmp_path / "modern.yaml"
    file.write_text(MODERN)
    checked = json.loads(apigw(None, "validate", file, "--json", cwd=tmp_path).stdout)
    assert (checked["valid"], checked["errors"]) == (True, [])
    assert [(each["path"], each["line"]) for each in checked["warnings"]] == [("$.openapi", 1), ("$.webhooks", 3)]
    gateway = start_gateway(str(file))
    client = boto3_client(gateway)
    (api,) = client.get_rest_apis()["items"]
    assert httpx.get(gateway.url(api["id"], "dev")).json() == "hello"
    assert "AWS refuses OpenAPI 3.1" in gateway.output.read_text()
    again = client.put_rest_api(restApiId=api["id"], mode="overwrite", body=MODERN.encode())
    assert len(again["warnings"]) == 2
    with pytest.raises(client.exceptions.BadRequestException, match=r"OpenAPI 3\.1"):
        client.import_rest_api(failOnWarnings=True, body=MODERN.encode())
    assert len(client.get_rest_apis()["items"]) == 1


def test_a_document_whose_security_is_not_enforced_is_never_taken_in_silence(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    """AWS: a scheme without an authorizer is ignored, and its methods are open."""
    schemes = {"securityDefinitions": {"basic": {"type": "basic"}}, "security": [{"basic": []}]}
    basic = json.dumps({**json.loads(saying("open", '"hello"')), **schemes})
    file = tmp_path / "basic.json"
    file.write_text(basic)
    told = "Everybody may call this method: its security scheme 'basic' of type 'basic' has no authorizer"
    gateway = start_gateway(str(file))
    client = boto3_client(gateway)
    (api,) = client.get_rest_apis()["items"]
    assert httpx.get(gateway.url(api["id"], "dev")).json() == "hello"
    lines = [json.loads(line) for line in gateway.output.read_text().splitlines() if line.startswith('{"time"')]
    (warned,) = [line for line in lines if told in line["message"]]
    assert (warned["level"], warned["file"], warned["api"]) == ("WARNING", str(file), api["id"])
    for command in (["validate", file], ["import", file, "--stage", "dev"]):
        done = apigw(gateway, *command, cwd=tmp_path)
        assert done.returncode == 0
        assert done.stderr.startswith("warning: ")
        assert told in done.stderr.splitlines()[0]
    assert told in client.put_rest_api(restApiId=api["id"], mode="overwrite", body=basic.encode())["warnings"][0]
