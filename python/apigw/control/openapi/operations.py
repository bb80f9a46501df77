"""Operations to methods: everything below one verb of one path.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from apigw.control.openapi.bodies import BodyReader
from apigw.control.openapi.documentation import Documentation, pick
from apigw.control.openapi.fields import Object, report_unknown, scalar
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.control.openapi.integrations import EXTENSION, IntegrationReader
from apigw.control.openapi.parameters import Parameter, ParameterReader, merged
from apigw.control.openapi.security import SecurityReader
from apigw.control.openapi.validators import Validators
from apigw.domain.errors import ControlError
from apigw.domain.method_rules import check_request_parameters
from apigw.domain.rest_api import DocumentationLocation, Method, Resource

_VERBS: Final = {
    "get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD",
    "patch": "PATCH", "x-amazon-apigateway-any-method": "ANY",
}  # fmt: skip
_PATH_ITEM: Final = frozenset({*_VERBS, "parameters", "summary", "description", "$ref", "servers"})
_OPERATION: Final = frozenset(
    {"operationId", "summary", "description", "tags", "externalDocs", "deprecated", "parameters", "responses",
     "security", "x-amazon-apigateway-auth", "x-amazon-apigateway-request-validator", EXTENSION}
)  # fmt: skip
_SWAGGER: Final = _OPERATION | {"consumes", "produces", "schemes"}
_OPENAPI: Final = _OPERATION | {"requestBody", "callbacks", "servers"}
_DESCRIBES: Final = ("summary", "description", "tags", "externalDocs", "deprecated")


class OperationReader:
    """Reads path items and their operations."""

    def __init__(
        self,
        work: Import,
        documentation: Documentation,
        bodies: BodyReader,
        security: SecurityReader,
        validators: Validators,
    ) -> None:
        self._work = work
        self._documentation = documentation
        self._bodies = bodies
        self._security = security
        self._validators = validators
        self._parameters = ParameterReader(work, documentation)
        self._known = _OPENAPI if work.document.openapi3 else _SWAGGER

    def methods(self, resource: Resource, item: Object, place: Place) -> list[Method]:
        """The methods of one path item."""
        findings = self._work.findings
        report_unknown(findings, item, _PATH_ITEM, place, "a path")
        if item.get("servers"):
            findings.left_out("The field 'servers' of a path is not supported and was left out", place)
        location = DocumentationLocation(type="RESOURCE", path=resource.path)
        self._documentation.add(location, pick(item, ("summary", "description")), place)
        common = self._parameters.listed(item, place)
        methods = []
        for key, verb in _VERBS.items():
            value: Any = item.get(key)
            if value is None:
                continue
            found = self._work.object(value, (place, key))
            if found is not None:
                methods.append(self._method(resource, verb, found, common))
        return methods

    def _method(self, resource: Resource, verb: str, found: tuple[Object, Place], common: list[Parameter]) -> Method:
        operation, place = found
        findings = self._work.findings
        self._work.spend(1 + len(common))
        report_unknown(findings, operation, self._known, place, "an operation")
        for key in ("callbacks", "schemes", "servers"):
            if operation.get(key):
                findings.left_out(f"The field '{key}' of an operation is not supported and was left out", place)
        path = resource.path
        location = DocumentationLocation(type="METHOD", path=path, method=verb)
        self._documentation.add(location, pick(operation, _DESCRIBES), place)
        parameters = merged(common, self._parameters.listed(operation, place))
        declared = self._parameters.declare(parameters, path, verb)
        try:
            check_request_parameters(declared)
        except ControlError as error:
            findings.error(place, f"Unable to put method '{verb}' on resource at path '{path}': {error}")
        security = self._security.of(operation, place)
        method = Method(
            resource_id=resource.id,
            http_method=verb,
            authorization_type=security.authorization_type,
            authorizer_id=security.authorizer_id,
            authorization_scopes=security.scopes,
            api_key_required=security.api_key_required,
            operation_name=scalar(findings, operation, "operationId", place),
            request_parameters=declared or None,
            request_models=self._bodies.request_models(operation, place, parameters, path, verb),
            request_validator_id=self._validators.of(operation, place),
            method_responses=self._bodies.method_responses(operation, place, path, verb),
        )
        if operation.get(EXTENSION) is None:
            return method
        integration = IntegrationReader(self._work, path, method).read(operation[EXTENSION], (place, EXTENSION))
        return replace(method, method_integration=integration)
