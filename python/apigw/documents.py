"""OpenAPI documents as deployed APIs, by the management API alone: import, put, deploy, tag.

``serve FILE`` finds the API it made from a file again by a tag, and touches it only when the content changed.
Knows no socket: ``send`` carries a management call (in process for ``serve``, over HTTP for the CLI).
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import orjson

from apigw.errors import GatewayError

# method, path, query, body → status, JSON (or None)
Send = Callable[[str, str, list[tuple[str, str]], bytes], tuple[int, Any]]

DOCUMENT_TAG = "apigw:document"
DIGEST_TAG = "apigw:sha256"
_NOT_DONE = "-"
_TAG_VALUE = re.compile(r"[\w +=.:/@-]{1,256}", re.ASCII)


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with a document."""

    file: str
    """The document's path, or what it is called where it has none."""
    message: str
    path: str
    """The JSON path, such as ``$.paths['/pets'].get``."""
    line: int | None
    column: int | None
    """Both counted from 1; ``None`` where there is no text to count in."""
    text: str
    """All of it in one line, as editors understand it."""

    def shown(self) -> dict[str, Any]:
        """For programs that know the document."""
        return {"message": self.message, "path": self.path, "line": self.line, "column": self.column}


class DocumentError(GatewayError):
    """Why a document cannot be read or deployed; ``problems`` holds all that is known to be wrong with it."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class AdminError(GatewayError):
    """A management call that was refused."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Document(msgspec.Struct, frozen=True):
    """An OpenAPI document: its bytes, and what it is known by."""

    name: str
    """What messages call it: the path of a file."""
    identity: str
    """What its API is found again by."""
    text: bytes
    has_lines: bool
    """Whether a user can count lines in ``text``."""


class Deployed(msgspec.Struct, frozen=True):
    """What became of a document; ``stage`` is ``None`` when it was imported only."""

    api_id: str
    name: str
    stage: str | None
    changed: bool
    warnings: list[str]
    example: str
    """A path worth trying."""


def read(path: Path) -> bytes:
    """The bytes of a document."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}{_nearest(path)}") from None


def _nearest(path: Path) -> str:
    """A file that may be meant by the name of one that is not there."""
    try:
        names = [] if path.exists() else [each.name for each in path.parent.iterdir() if each.is_file()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.with_name(close[0])}?" if close else ""


def from_file(path: Path) -> Document:
    """The document in a file; its API is known by the file's full path. Raises ``DocumentError``."""
    return of_file(path, read(path))


def of_file(path: Path, text: bytes) -> Document:
    """The document that a file held when it was read."""
    return Document(str(path), str(path.resolve()), text, has_lines=True)


def from_mapping(tree: Mapping[str, Any]) -> Document:
    """A document in memory; its API is known by the document's title. Raises ``DocumentError``."""
    info = tree.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    if not isinstance(title, str) or not title:
        raise DocumentError("a document in memory is known by its title: give it one as info.title")
    try:
        text = orjson.dumps(dict(tree), default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError as error:
        raise DocumentError(f"the document {title!r} is not made of JSON values: {error}") from None
    return Document(f"the document {title!r}", f"title:{title}", text, has_lines=False)


def _plain(value: Any) -> Any:
    """A mapping that is no ``dict``, as JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON type")


def import_document(send: Send, text: bytes, *, into: str | None = None, stage: str | None = None) -> Deployed:
    """Import a document as a new API, or over the API ``into``; deploy it to ``stage`` if that is given. What cannot be
    deployed does not stay as a new API."""
    api = put(send, text, into)
    if stage is not None:
        try:
            deploy(send, api["id"], stage)
        except AdminError as error:
            if into is not None:
                message = f"{into} is what the document says, but could not be deployed to {stage}: {error}"
                raise AdminError(error.status, message) from None
            # A second attempt would make a second API.
            call(send, "DELETE", f"/restapis/{api['id']}")
            message = f"it could not be deployed to {stage}, and nothing was kept: {error}"
            raise AdminError(error.status, message) from None
    return Deployed(api["id"], api.get("name", ""), stage, True, api.get("warnings", []), "/")


def load_document(send: Send, document: Document, *, stage: str, region: str, partition: str = "aws") -> Deployed:
    """Make the API of a document what it says and have it on ``stage``; doing it twice changes nothing."""
    identity, text = _tag_value(document.identity), document.text
    digest = hashlib.sha256(text).hexdigest()
    api = _find(send, identity)
    changed = api is None or api["tags"].get(DIGEST_TAG) != digest
    warnings: list[str] = []
    if changed:
        # In the import's own commit: whoever is killed after it finds the API again, and knows that it is not done.
        api = put(send, text, None if api is None else api["id"], {DOCUMENT_TAG: identity, DIGEST_TAG: _NOT_DONE})
        warnings = api.get("warnings", [])
    assert api is not None
    if changed or stage not in stages(send, api["id"]):
        deploy(send, api["id"], stage)
        # The digest comes last: until everything else is done, a second start does it again.
        _tag(send, f"arn:{partition}:apigateway:{region}::/restapis/{api['id']}", {DIGEST_TAG: digest})
        changed = True
    return Deployed(api["id"], api.get("name", ""), stage, changed, warnings, _example(send, api["id"]))


def find(send: Send, document: Document) -> str | None:
    """The id of the API that the document became before."""
    api = _find(send, _tag_value(document.identity))
    return None if api is None else str(api["id"])


def rest_apis(send: Send) -> Iterator[dict[str, Any]]:
    """All REST APIs, page by page."""
    query = [("limit", "500")]
    while True:
        page = call(send, "GET", "/restapis", query)
        yield from page.get("item", [])
        if not page.get("position"):
            return
        query = [("limit", "500"), ("position", page["position"])]


def stages(send: Send, api_id: str) -> list[str]:
    """The names of an API's stages."""
    return [each["stageName"] for each in call(send, "GET", f"/restapis/{api_id}/stages").get("item", [])]


def call(send: Send, method: str, path: str, query: list[tuple[str, str]] | None = None, body: bytes = b"") -> Any:
    """One management call's answer; raises ``AdminError``."""
    status, answer = send(method, path, query or [], body)
    if status >= 300:
        message = answer.get("message") or answer.get("Message") if isinstance(answer, dict) else None
        raise AdminError(status, message or f"the management API answered {status}")
    return answer if answer is not None else {}


def reachable(listener: str) -> str:
    """How a client on this machine reaches a listener, which may be on all addresses."""
    host, _, port = listener.rpartition(":")
    return {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host) + f":{port}"  # noqa: S104


def invoke_url(listener: str, api_id: str, stage: str, *, scheme: str = "http") -> str:
    """A URL of a stage that needs no name service."""
    return f"{scheme}://{reachable(listener)}/_aws/execute-api/{api_id}/{stage}"


def host_url(listener: str, api_id: str, stage: str) -> str:
    """A URL of a stage whose host is the API, as on AWS (``*.localhost`` is this machine)."""
    return f"http://{api_id}.execute-api.localhost:{listener.rpartition(':')[2]}/{stage}"


def _find(send: Send, identity: str) -> dict[str, Any] | None:
    return next((each for each in rest_apis(send) if each.get("tags", {}).get(DOCUMENT_TAG) == identity), None)


def put(send: Send, text: bytes, api_id: str | None, tags: Mapping[str, str] | None = None) -> Any:
    """Import a document as a new API, or over the API ``api_id``; ``tags``, named ``apigw:…``, are given with it."""
    given = list((tags or {}).items())
    if api_id is None:
        return call(send, "POST", "/restapis", [("mode", "import"), *given], text)
    return call(send, "PUT", f"/restapis/{api_id}", [("mode", "overwrite"), *given], text)


def deploy(send: Send, api_id: str, stage: str) -> None:
    """Deploy an API to a stage, which is made if it is not there."""
    call(send, "POST", f"/restapis/{api_id}/deployments", body=orjson.dumps({"stageName": stage}))


def _tag(send: Send, arn: str, tags: dict[str, str]) -> None:
    call(send, "PUT", f"/tags/{quote(arn, safe='')}", body=orjson.dumps({"tags": tags}))


def _example(send: Send, api_id: str) -> str:
    """A path that GET answers without parameters, the longest of the first page; else the root."""
    page = call(send, "GET", f"/restapis/{api_id}/resources", [("limit", "500")])
    paths = [
        each["path"]
        for each in page.get("item", [])
        if "{" not in each["path"] and {"GET", "ANY"} & set(each.get("resourceMethods", {}))
    ]
    return max(paths, key=len, default="/")


def _tag_value(text: str) -> str:
    """A text, or its hash where AWS's rules for tag values do not admit it."""
    return text if _TAG_VALUE.fullmatch(text) else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
