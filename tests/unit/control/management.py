"""The management API without wire and engine: operations on a real store, their results as AWS's JSON, and the units
that the published patches leave.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

import apigw.control.v1  # noqa: F401  registers the operations
from apigw.aws.serialise import serialise
from apigw.aws.service_model import service_model
from apigw.control.operation import OPERATIONS, Call, NewCertificate
from apigw.domain import quotas
from apigw.domain.errors import ControlError
from apigw.snapshot import publish, units
from apigw.store.protocol import Transaction

ACCOUNT, REGION = "123456789012", "eu-west-1"
_PATCH = msgspec.json.Decoder(units.SnapshotPatch)


# What the engine would refuse.
_WRONG = {("selectionPattern", "("), ("template", "#if("), ("jsonPath", "a[")}


def _nowhere(_patch: bytes) -> None:
    """There is no engine unless a test brings one."""


class SeededIds:
    """Ids that a seed decides."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def _letters(self, letters: str, count: int) -> str:
        return "".join(self._random.choices(letters, k=count))

    def short(self) -> str:
        return self._letters(string.ascii_lowercase + string.digits, 6)

    def api(self) -> str:
        return self._letters(string.ascii_lowercase + string.digits, 10)

    def secret(self) -> str:
        return self._letters(string.ascii_letters + string.digits, 40)


class Management:
    """Calls operations by AWS's names with snake_case input."""

    def __init__(self, transaction: Transaction, *, seed: int = 1, region: str = REGION) -> None:
        self.store = transaction
        self.units: dict[str, units.Unit] = {}
        self.patches: list[units.SnapshotPatch] = []
        self.flushed: list[tuple[str, str]] = []
        self.publish: Callable[[bytes], object] = _nowhere
        self.call = Call(
            account=ACCOUNT,
            region=region,
            partition="aws",
            access_key_id="AKIDEXAMPLE",
            now=1_700_000_000,
            ids=SeededIds(seed),
            store=transaction,
            yaml_to_json=lambda text: text,
            cache_memory=10**9,
            quotas=quotas.NONE,
            account_throttle=None,
            new_certificate=lambda *_: NewCertificate("CERTIFICATE", "KEY"),
            flush_cache=lambda api_id, stage: self.flushed.append((api_id, stage)),
            check_text=lambda kind, text: "unclosed at position 1" if (kind, text) in _WRONG else None,
        )

    def __call__(self, name: str, /, **given: Any) -> Any:
        """The answer's JSON; ``None`` for an operation that answers nothing."""
        with self.store.savepoint():
            result = OPERATIONS[name](self.call, given)
            patch = publish.affected(self.store, self.store.changes())
        if patch is not None:
            self._serve(_PATCH.decode(patch))
            self.publish(patch)
        model = service_model("apigateway")
        if model.operations[name].output is None:
            assert result is None
            return None
        return orjson.loads(serialise(model, model.operations[name], result)[1])

    def refused(self, name: str, /, **given: Any) -> tuple[str, str]:
        """How the call is refused: the error's class and message; nothing may have changed."""
        before = self.everything()
        try:
            self(name, **given)
        except ControlError as error:
            assert self.everything() == before
            return type(error).__name__, error.message
        raise AssertionError(f"{name} was not refused")

    def update(self, name: str, /, *operations: tuple[str, ...], **given: Any) -> Any:
        """An Update call; an operation is ``(op, path, value?, from?)``."""
        return self(name, patch_operations=patch_operations(operations), **given)

    def update_refused(self, name: str, /, *operations: tuple[str, ...], **given: Any) -> tuple[str, str]:
        """``refused`` for an Update call."""
        return self.refused(name, patch_operations=patch_operations(operations), **given)

    def everything(self) -> list[Any]:
        """All records as they are stored."""
        families = (
            "rest_api", "resource", "method", "model", "request_validator", "gateway_response", "deployment", "stage",
            "account", "client_certificate",
        )  # fmt: skip
        return [
            (family, *found)
            for family in families
            for found in self.store.scan(msgspec.Raw, family)  # type: ignore[type-var]
        ]

    def api(self, **given: Any) -> tuple[str, str]:
        """A new API: its id and its root's."""
        made = self("CreateRestApi", **{"name": "pets", **given})
        return made["id"], made["rootResourceId"]

    def mock(self, api_id: str, resource_id: str, verb: str = "GET") -> dict[str, str]:
        """A MOCK method that answers 200; returns the arguments that name it."""
        names = {"rest_api_id": api_id, "resource_id": resource_id, "http_method": verb}
        self("PutMethod", authorization_type="NONE", **names)
        self("PutMethodResponse", status_code="200", **names)
        self("PutIntegration", type="MOCK", request_templates={"application/json": '{"statusCode": 200}'}, **names)
        self("PutIntegrationResponse", status_code="200", **names)
        return names

    def proxy(self, api_id: str, resource_id: str, verb: str = "GET", **given: Any) -> dict[str, str]:
        """An HTTP_PROXY method; returns the arguments that name it."""
        names = {"rest_api_id": api_id, "resource_id": resource_id, "http_method": verb}
        self("PutMethod", authorization_type="NONE", **names)
        settings = {"type": "HTTP_PROXY", "integration_http_method": "GET", "uri": "http://localhost:8000/", **given}
        self("PutIntegration", **settings, **names)
        return names

    def _serve(self, patch: units.SnapshotPatch) -> None:
        self.patches.append(patch)
        for unit in patch.put:
            if isinstance(unit, units.Stage):
                assert f"deployment/{unit.api_id}/{unit.deployment_id}" in self.units, "a stage before its deployment"
            self.units[units.key_of(unit)] = unit
        for key in patch.remove:
            self.units.pop(key, None)


def patch_operations(operations: tuple[tuple[str, ...], ...]) -> list[dict[str, str]]:
    """``(op, path, value?, from?)`` as the wire gives them."""
    return [dict(zip(("op", "path", "value", "from"), one, strict=False)) for one in operations]
