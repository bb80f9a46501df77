"""ImportRestApi and PutRestApi on a real store, without wire and engine: what becomes of a document."""

from __future__ import annotations

import random
import re
import string
from typing import Any

import msgspec
import orjson
import yaml

import apigw.control.v1  # noqa: F401  registers the operations
from apigw.control.openapi.build import build
from apigw.control.openapi.findings import Findings
from apigw.control.openapi.importing import Definition, Parameters, Target
from apigw.control.operation import OPERATIONS, Call, NewCertificate
from apigw.domain import quotas
from apigw.domain.errors import ControlError
from apigw.domain.rest_api import Method, Resource
from apigw.store.protocol import Transaction

ACCOUNT, REGION, PARTITION = "123456789012", "eu-west-1", "aws"
NOW = 1_700_000_000
FAMILIES = (
    "rest_api",
    "resource",
    "method",
    "model",
    "request_validator",
    "authorizer",
    "gateway_response",
    "documentation_part",
)

Json = Any


def check_text(kind: str, text: str) -> str | None:
    """In the engine's place: one pattern is wrong, one template, and one path."""
    if (kind, text) == ("jsonPath", "a["):
        return "an unclosed bracket at position 2"
    if (kind, text) == ("template", "#if("):
        return "line 1, column 5: a condition is missing"
    is_broken = kind in ("selectionPattern", "regex") and text == "("
    return f"an unclosed group at position 1 of {text!r}" if is_broken else None


class SeededIds:
    """Ids that a seed decides."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def short(self) -> str:
        return "".join(self._random.choices(string.ascii_lowercase + string.digits, k=6))

    def api(self) -> str:
        return "".join(self._random.choices(string.ascii_lowercase + string.digits, k=10))

    def secret(self) -> str:
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=40))


class CountedIds(SeededIds):
    """Ids that say how many there were: golden files stay readable."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def short(self) -> str:
        self._count += 1
        return f"id{self._count:04d}"


class _CoreLoader(yaml.SafeLoader):
    """YAML 1.2 core schema, keys as they are written: stands in for the engine's reader."""


_CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _mapping(loader: _CoreLoader, node: yaml.MappingNode) -> dict[str, Json]:
    return {str(key.value): loader.construct_object(value, deep=True) for key, value in node.value}


_CoreLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def yaml_to_json(text: bytes) -> bytes:
    """The engine's callable, by PyYAML."""
    try:
        return orjson.dumps(yaml.load(text, _CoreLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ValueError(error.problem, mark.line + 1 if mark else None, mark.column + 1 if mark else None) from error


def plain(record: Json) -> Json:
    """A record as JSON."""
    return orjson.loads(msgspec.json.encode(record))


def definition(document: Json, **parameters: Json) -> tuple[Definition, list[str]]:
    """What a new API gets from a document that has no errors, and the warnings."""
    findings = Findings()
    target = Target("abcdefghij", "root00", ACCOUNT, REGION, PARTITION, NOW, SeededIds(), check_text)
    made = build(document, target, Parameters(**parameters), findings)
    assert not findings.failed, [str(found) for found in findings.errors()]
    assert made is not None
    return made, [str(found) for found in findings.warnings()]


def errors(document: Json, **parameters: Json) -> list[tuple[str, str]]:
    """``(path, message)`` of all errors of a document."""
    findings = Findings()
    target = Target("abcdefghij", "root00", ACCOUNT, REGION, PARTITION, NOW, SeededIds(), check_text)
    build(document, target, Parameters(**parameters), findings)
    return [(found.path, found.message) for found in findings.errors()]


class Imports:
    """Imports documents (trees or texts) and reads back what is stored."""

    def __init__(self, transaction: Transaction) -> None:
        self.store = transaction
        self.call = Call(
            account=ACCOUNT,
            region=REGION,
            partition=PARTITION,
            access_key_id="AKIDEXAMPLE",
            now=NOW,
            ids=SeededIds(),
            store=transaction,
            yaml_to_json=yaml_to_json,
            flush_cache=lambda _api, _stage: None,
            cache_memory=10**9,
            quotas=quotas.NONE,
            account_throttle=None,
            new_certificate=lambda *_: NewCertificate("CERTIFICATE", "KEY"),
            check_text=check_text,
        )

    def new(self, document: Json, **given: Json) -> Json:
        """ImportRestApi; the answer."""
        return self._run("ImportRestApi", body=_bytes(document), **given)

    def put(self, api_id: str, document: Json, **given: Json) -> Json:
        """PutRestApi; the answer."""
        return self._run("PutRestApi", rest_api_id=api_id, body=_bytes(document), **given)

    def refused(self, name: str, document: Json, **given: Json) -> str:
        """The message of a refusal, which changed nothing."""
        before = self.everything()
        try:
            self._run(name, body=_bytes(document), **given)
        except ControlError as error:
            assert self.everything() == before
            return f"{type(error).__name__}: {error.message}"
        raise AssertionError(f"{name} was not refused")

    def everything(self) -> list[Json]:
        """All records as they are stored."""
        return [
            (family, *found)
            for family in FAMILIES
            for found in self.store.scan(msgspec.Raw, family)  # type: ignore[type-var]
        ]

    def resources(self, api_id: str) -> dict[str, str]:
        """Path to id."""
        return {one.path: one.id for _, one in self.store.list(Resource, "resource", REGION, api_id)}

    def methods(self, api_id: str) -> dict[str, Method]:
        """``GET /path`` to method."""
        paths = {id: path for path, id in self.resources(api_id).items()}
        found = self.store.list(Method, "method", REGION, api_id)
        return {f"{one.http_method} {paths[one.resource_id]}": one for _, one in found}

    def _run(self, name: str, **given: Json) -> Json:
        with self.store.savepoint():
            return OPERATIONS[name](self.call, given)


def _bytes(document: Json) -> bytes:
    if isinstance(document, bytes):
        return document
    return document.encode() if isinstance(document, str) else orjson.dumps(document)
