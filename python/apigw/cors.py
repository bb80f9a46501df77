"""Cross-origin access as AWS's console builds it: an OPTIONS method by MOCK, and the header that says who may read.

Uses the management API alone, so whatever it does could have been done by hand; what is there already stays.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors-console.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import orjson

from apigw import admin_api
from apigw.admin_api import AdminError, Send

HEADERS: Final = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token"
_ORIGIN: Final = "Access-Control-Allow-Origin"
_TEMPLATE: Final = {"application/json": '{"statusCode": 200}'}
_ANY: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_CLASSES: Final = ("DEFAULT_4XX", "DEFAULT_5XX")


class Allowed(msgspec.Struct, frozen=True):
    """Who may do what."""

    origin: str = "*"
    headers: str = HEADERS


class Enabled(msgspec.Struct, frozen=True):
    """What it took; both lists hold texts such as ``OPTIONS /pets: the method``."""

    changed: list[str]
    left: list[str]
    """What only a backend can do."""


def enable(send: Send, api_id: str, path: str, allowed: Allowed) -> Enabled:
    """Let pages of other origins call the methods of one resource; raises ``AdminError``. Nothing is deployed."""
    resource = _resource(send, api_id, path)
    methods: dict[str, Any] = resource.get("resourceMethods", {})
    verbs = sorted({verb for name in methods for verb in (_ANY if name == "ANY" else (name,))} | {"OPTIONS"})
    work = _Work(send, f"/restapis/{api_id}", f"/restapis/{api_id}/resources/{resource['id']}/methods", path)
    headers = {
        "Access-Control-Allow-Headers": f"'{allowed.headers}'",
        "Access-Control-Allow-Methods": f"'{','.join(verbs)}'",
        _ORIGIN: f"'{allowed.origin}'",
    }
    work.preflight(methods.get("OPTIONS"), headers)
    for verb, method in methods.items():
        if verb != "OPTIONS":
            work.answers(verb, method, {_ORIGIN: headers[_ORIGIN]})
    for response_type in _CLASSES:
        shown = {name: headers[name] for name in (_ORIGIN, "Access-Control-Allow-Headers")}
        work.errors(response_type, shown)
    return Enabled(work.changed, work.left)


def _resource(send: Send, api_id: str, path: str) -> dict[str, Any]:
    for resource in admin_api.resources_with_methods(send, api_id):
        if resource["path"] == path:
            return resource
    raise AdminError(404, f"the API {api_id} has no resource {path}")


class _Work:
    """Calls that change something, and what they changed."""

    def __init__(self, send: Send, api: str, methods: str, path: str) -> None:
        self._send, self._api, self._methods, self._path = send, api, methods, path
        self.changed: list[str] = []
        self.left: list[str] = []

    def _call(self, verb: str, path: str, body: dict[str, Any]) -> None:
        admin_api.call(self._send, verb, path, body=orjson.dumps(body))

    def _set(self, path: str, prefix: str, wanted: dict[str, str], there: dict[str, Any] | None) -> bool:
        """Put mapped headers in place by patches; says whether any was missing or another."""
        there = there or {}
        operations = []
        for name, value in wanted.items():
            if str(there.get(prefix + name)) != value:
                op = "replace" if prefix + name in there else "add"
                operations.append({"op": op, "path": f"/responseParameters/{prefix}{name}", "value": value})
        if operations:
            self._call("PATCH", path, {"patchOperations": operations})
        return bool(operations)

    def preflight(self, method: dict[str, Any] | None, headers: dict[str, str]) -> None:
        """The OPTIONS method: answered by the gateway, for everybody."""
        options, said = f"{self._methods}/OPTIONS", f"OPTIONS {self._path}"
        integration = (method or {}).get("methodIntegration")
        if integration is not None and integration["type"] != "MOCK":
            kind = integration["type"]
            raise AdminError(409, f"{said} has an integration of type {kind}: it must answer preflights itself")
        if method is not None and (method["authorizationType"] != "NONE" or method["apiKeyRequired"]):
            raise AdminError(409, f"{said} asks for credentials, which browsers do not send with a preflight")
        if method is None:
            self._call("PUT", options, {"authorizationType": "NONE"})
            self.changed.append(f"{said}: the method")
        if integration is None:
            self._call("PUT", f"{options}/integration", {"type": "MOCK", "requestTemplates": _TEMPLATE})
            self.changed.append(f"{said}: the integration")
        self._response(options, "200", method or {}, headers, said)

    def _response(
        self, method_path: str, code: str, method: dict[str, Any], headers: dict[str, str], said: str
    ) -> None:
        """One status: the method response declares the headers, then the integration response sets them."""
        prefix = "method.response.header."
        declared = method.get("methodResponses", {}).get(code)
        path = f"{method_path}/responses/{code}"
        if declared is None:
            self._call("PUT", path, {})
        missing = {
            name: "false" for name in headers if prefix + name not in ((declared or {}).get("responseParameters") or {})
        }
        self._set(path, prefix, missing, None)
        mapped = method.get("methodIntegration", {}).get("integrationResponses", {}).get(code)
        path = f"{method_path}/integration/responses/{code}"
        if mapped is None:
            self._call("PUT", path, {})
        if self._set(path, prefix, headers, (mapped or {}).get("responseParameters")):
            self.changed.append(f"{said}: the headers of {code}")

    def answers(self, verb: str, method: dict[str, Any], headers: dict[str, str]) -> None:
        """A method of the resource: a proxy's backend answers by itself, every other answer gets the header."""
        integration, said = method.get("methodIntegration"), f"{verb} {self._path}"
        if integration is None:
            self.left.append(f"{said} has no integration yet")
        elif integration["type"].endswith("_PROXY"):
            self.left.append(f"{said}: its backend must answer with {_ORIGIN}")
        else:
            for code in integration.get("integrationResponses", {}):
                self._response(f"{self._methods}/{verb}", code, method, headers, said)

    def errors(self, response_type: str, headers: dict[str, str]) -> None:
        """What the gateway itself answers."""
        path, prefix = f"{self._api}/gatewayresponses/{response_type}", "gatewayresponse.header."
        there = admin_api.call(self._send, "GET", path)
        if self._set(path, prefix, headers, there.get("responseParameters")):
            self.changed.append(f"{response_type}: the headers")
