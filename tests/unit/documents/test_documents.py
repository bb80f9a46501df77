"""Documents: found again by a tag, touched only when their content changed. The management API is a small fake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from apigw import admin_api, documents, urls
from apigw.admin_api import AdminError
from apigw.documents import DIGEST_TAG, DOCUMENT_TAG, Deployed, DocumentError


class FakeManagement:
    """Just enough of the management API, with a log of what was called."""

    def __init__(self) -> None:
        self.apis: dict[str, dict[str, Any]] = {}
        self.stages: dict[str, list[str]] = {}
        self.calls: list[str] = []
        self.refuse: str | None = None
        self.page = 500

    def send(self, method: str, path: str, query: list[tuple[str, str]], body: bytes) -> tuple[int, Any]:
        self.calls.append(f"{method} {unquote(path)}")
        if self.refuse and self.calls[-1].startswith(self.refuse):
            return 400, {"message": "refused"}
        parts = unquote(path).strip("/").split("/")
        if parts == ["restapis"] and method == "GET":
            begin = int(dict(query).get("position", 0))
            apis = list(self.apis.values())[begin : begin + self.page]
            more = {"position": str(begin + self.page)} if begin + self.page < len(self.apis) else {}
            return 200, {"item": apis, **more}
        if parts == ["restapis"]:
            api = {"id": f"api{len(self.apis)}", "name": body.decode(), "tags": _tags(query)}
            self.apis[api["id"]], self.stages[api["id"]] = api, []
            return 201, {**api, "warnings": ["careful"]}
        if parts[0] == "tags":
            self.apis[parts[-1]]["tags"].update(json.loads(body)["tags"])
            return 204, None
        api = self.apis[parts[1]]
        match [method, *parts[2:]]:
            case ["DELETE"]:
                del self.apis[parts[1]]
                return 202, None
            case ["PUT"]:
                api["name"] = body.decode()
                api["tags"].update(_tags(query))
                return 200, api
            case ["POST", "deployments"]:
                if (stage := json.loads(body)["stageName"]) not in self.stages[parts[1]]:
                    self.stages[parts[1]].append(stage)
                return 201, {"id": "d"}
            case ["GET", "stages"]:
                return 200, {"item": [{"stageName": stage} for stage in self.stages[parts[1]]]}
            case ["GET", "resources"]:
                return 200, {
                    "item": [
                        {"path": "/"},
                        {"path": "/pets", "resourceMethods": {"GET": {}}},
                        {"path": "/pets/{id}", "resourceMethods": {"GET": {}}},
                        {"path": "/orders/all", "resourceMethods": {"POST": {}}},
                    ]
                }
        raise AssertionError((method, path))


def _tags(query: list[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in query if name.startswith("apigw:")}


def load(management: FakeManagement, file: Path, text: bytes, *, stage: str) -> Deployed:
    file.write_bytes(text)
    return documents.load_document(management.send, documents.from_file(file), stage=stage, region="us-east-1")


def changes(management: FakeManagement) -> list[str]:
    found = [call for call in management.calls if not call.startswith("GET")]
    management.calls.clear()
    return found


def test_the_same_document_twice_changes_nothing(tmp_path: Path) -> None:
    management = FakeManagement()
    file = tmp_path / "api.yaml"
    first = load(management, file, b"one", stage="dev")
    assert (first.api_id, first.name, first.changed, first.warnings) == ("api0", "one", True, ["careful"])
    assert first.example == "/pets"
    assert management.apis["api0"]["tags"][DOCUMENT_TAG] == str(file)
    assert changes(management) == [
        "POST /restapis",
        "POST /restapis/api0/deployments",
        "PUT /tags/arn:aws:apigateway:us-east-1::/restapis/api0",
    ]
    again = load(management, file, b"one", stage="dev")
    assert (again.api_id, again.changed) == ("api0", False)
    assert changes(management) == []


def test_a_changed_document_is_put_over_its_api_and_deployed(tmp_path: Path) -> None:
    management = FakeManagement()
    file = tmp_path / "api.yaml"
    load(management, file, b"one", stage="dev")
    changes(management)
    second = load(management, file, b"two", stage="dev")
    assert (second.api_id, second.name, second.changed) == ("api0", "two", True)
    assert changes(management)[0] == "PUT /restapis/api0"
    assert list(management.apis) == ["api0"]


def test_another_stage_is_deployed_without_an_import(tmp_path: Path) -> None:
    management = FakeManagement()
    file = tmp_path / "api.yaml"
    load(management, file, b"one", stage="dev")
    changes(management)
    load(management, file, b"one", stage="prod")
    assert changes(management)[0] == "POST /restapis/api0/deployments"
    assert management.stages["api0"] == ["dev", "prod"]


def test_what_broke_off_is_done_again(tmp_path: Path) -> None:
    management = FakeManagement()
    file = tmp_path / "api.yaml"
    management.refuse = "POST /restapis/api0/deployments"
    with pytest.raises(AdminError, match="refused"):
        load(management, file, b"one", stage="dev")
    management.refuse = None
    changes(management)
    load(management, file, b"one", stage="dev")
    assert changes(management)[0] == "PUT /restapis/api0"
    assert management.stages["api0"] == ["dev"]
    assert management.apis["api0"]["tags"][DIGEST_TAG] != "-"


class Killed(BaseException):
    """The end of the process, as far as the document is concerned."""


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("text", [b"one", b"two"], ids=["new", "changed"])
def test_a_kill_after_any_step_leaves_one_api_that_is_finished_later(tmp_path: Path, step: int, text: bytes) -> None:
    """Every call that changes something is durable alone: the process may end after each of them."""
    management = FakeManagement()
    file = tmp_path / "api.yaml"
    if text == b"two":
        load(management, file, b"one", stage="dev")
    done = 0

    def killed(method: str, path: str, query: list[tuple[str, str]], body: bytes) -> tuple[int, Any]:
        nonlocal done
        answer = management.send(method, path, query, body)
        done += method != "GET"
        if done == step:
            raise Killed
        return answer

    file.write_bytes(text)
    with pytest.raises(Killed):
        documents.load_document(killed, documents.from_file(file), stage="dev", region="us-east-1")
    again = load(management, file, text, stage="dev")
    # The third step is the digest, after which nothing is left to do.
    assert (again.api_id, again.changed) == ("api0", step < 3)
    assert list(management.apis) == ["api0"]
    assert management.stages["api0"] == ["dev"]
    assert not load(management, file, text, stage="dev").changed


def test_an_import_that_cannot_be_deployed_leaves_no_api() -> None:
    management = FakeManagement()
    kept = documents.import_document(management.send, b"pets", stage="dev").api_id
    management.refuse = "POST /restapis/"
    with pytest.raises(AdminError, match="could not be deployed to dev, and nothing was kept: refused"):
        documents.import_document(management.send, b"orders", stage="dev")
    assert list(management.apis) == [kept]
    with pytest.raises(AdminError, match=f"{kept} is what the document says, but could not be deployed"):
        documents.import_document(management.send, b"cats", into=kept, stage="dev")
    assert management.apis[kept]["name"] == "cats"


def test_the_api_is_found_on_a_later_page(tmp_path: Path) -> None:
    management = FakeManagement()
    for name in ("a", "b", "c"):
        load(management, tmp_path / name, name.encode(), stage="dev")
    management.page = 1
    changes(management)
    assert load(management, tmp_path / "c", b"c", stage="dev").api_id == "api2"
    assert changes(management) == []


def test_a_path_that_is_no_tag_value_is_hashed(tmp_path: Path) -> None:
    management = FakeManagement()
    load(management, tmp_path / "a(1)?.yaml", b"one", stage="dev")
    assert management.apis["api0"]["tags"][DOCUMENT_TAG].startswith("sha256:")


def test_the_answer_of_a_refused_call_is_shown() -> None:
    with pytest.raises(AdminError, match="no such thing") as refused:
        admin_api.call(lambda *_: (404, {"message": "no such thing"}), "GET", "/restapis/x")
    assert refused.value.status == 404
    with pytest.raises(AdminError, match="answered 500"):
        admin_api.call(lambda *_: (500, None), "GET", "/restapis/x")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.yaml: No such file or directory"):
        documents.read(tmp_path / "nowhere.yaml")


def test_urls() -> None:
    assert urls.invoke_url("0.0.0.0:80", "abc", "dev") == "http://127.0.0.1:80/_aws/execute-api/abc/dev"
    assert urls.invoke_url("[::]:80", "abc", "dev") == "http://[::1]:80/_aws/execute-api/abc/dev"
    assert urls.host_url("127.0.0.1:8080", "abc", "dev") == "http://abc.execute-api.localhost:8080/dev"
