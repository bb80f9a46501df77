"""Request bodies and responses of an operation: models by content type, method responses with their headers.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-response.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from apigw.control.openapi.documentation import Documentation, pick
from apigw.control.openapi.fields import Object, mapping, report_unknown, texts
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.control.openapi.parameters import Parameter, report_schema
from apigw.control.openapi.schemas import Schemas
from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import ControlError
from apigw.domain.integration_rules import check_content_types
from apigw.domain.rest_api import DocumentationLocation, MethodResponse

_STATUS: Final = re.compile(r"[1-5][0-9][0-9]")
_SWAGGER_RESPONSE: Final = frozenset({"description", "schema", "headers", "examples"})
_OPENAPI_RESPONSE: Final = frozenset({"description", "headers", "content", "links"})
_HEADER_DESCRIBES: Final = ("description", "deprecated", "example", "examples")
_HEADER: Final = frozenset(
    {*_HEADER_DESCRIBES, "required", "schema", "type", "format", "items", "style", "explode", "collectionFormat"}
)
_BODY: Final = frozenset({"name", "in", "required", "description", "schema"})


class BodyReader:
    """Reads request bodies and responses."""

    def __init__(self, work: Import, schemas: Schemas, documentation: Documentation) -> None:
        self._work = work
        self._schemas = schemas
        self._documentation = documentation
        self._content_types: set[str] = set()
        tree = work.document.tree
        self._consumes = texts(work.findings, tree, "consumes", None) if not work.document.openapi3 else []
        self._produces = texts(work.findings, tree, "produces", None) if not work.document.openapi3 else []

    def request_models(
        self, operation: Object, place: Place, parameters: list[Parameter], path: str, verb: str
    ) -> dict[str, str] | None:
        """Content type to model of the request body."""
        location = DocumentationLocation(type="REQUEST_BODY", path=path, method=verb)
        if self._work.document.openapi3:
            if operation.get("requestBody") is None:
                return None
            found = self._work.object(operation["requestBody"], (place, "requestBody"))
            if found is None:
                return None
            known = frozenset({"description", "content", "required"})
            report_unknown(self._work.findings, found[0], known, found[1], "a request body")
            self._documentation.add(location, pick(found[0], ("description", "required")), found[1])
            return self._content(found[0], found[1])
        models: dict[str, str] = {}
        for parameter in parameters:
            if parameter.location != "body":
                continue
            report_unknown(self._work.findings, parameter.node, _BODY, parameter.place, "a body parameter")
            properties = pick(parameter.node, ("description",))
            if parameter.required:
                properties["required"] = True
            self._documentation.add(location, properties, parameter.place)
            types = self._media_types(operation, "consumes", place, self._consumes)
            models.update(self._models(parameter.node, parameter.place, types))
        return models or None

    def method_responses(
        self, operation: Object, place: Place, path: str, verb: str
    ) -> dict[str, MethodResponse] | None:
        """Method responses by status code."""
        findings = self._work.findings
        responses = {}
        node = mapping(findings, operation, "responses", place)
        place_of_all: Place = (place, "responses")
        self._work.spend(len(node))
        for status, value in node.items():
            where: Place = (place_of_all, status)
            usable = _STATUS.fullmatch(status) is not None
            if not usable and not self._is_meant_as_response(status, where):
                continue
            found = self._work.object(value, where)
            if found is None:
                continue
            # That of a wrong status is read for its errors, so that all are known at once.
            response = self._response(operation, place, found, (path, verb, status))
            if usable:
                responses[status] = response
        return responses or None

    def _is_meant_as_response(self, status: str, place: Place) -> bool:
        """Say why a key of ``responses`` is no status code; whether it is a mistake for one."""
        findings = self._work.findings
        if status == "default":
            findings.left_out("The 'default' response is not supported and was left out", place)
        elif status.startswith("x-"):
            findings.left_out(f"The extension '{status}' of responses is not supported and was left out", place)
        elif re.fullmatch(r"[1-5]XX", status):
            findings.left_out("Ranges of status codes are not supported and were left out", place)
        else:
            findings.error(place, f"Invalid status code '{status}'")
            return True
        return False

    def _response(
        self, operation: Object, place: Place, found: tuple[Object, Place], where: tuple[str, str, str]
    ) -> MethodResponse:
        findings = self._work.findings
        node, node_place = found
        path, verb, status = where
        location = DocumentationLocation(type="RESPONSE", path=path, method=verb, status_code=status)
        if self._work.document.openapi3:
            report_unknown(findings, node, _OPENAPI_RESPONSE, node_place, "a response")
            self._documentation.add(location, pick(node, ("description",)), node_place)
            if node.get("links"):
                findings.left_out("The field 'links' of a response is not supported and was left out", node_place)
            models = self._content(node, node_place)
        else:
            report_unknown(findings, node, _SWAGGER_RESPONSE, node_place, "a response")
            self._documentation.add(location, pick(node, ("description", "examples")), node_place)
            types = self._media_types(operation, "produces", place, self._produces)
            models = self._models(node, node_place, types) or None
        headers = self._headers(node, node_place, where)
        return MethodResponse(status_code=status, response_parameters=headers, response_models=models)

    def _headers(self, node: Object, place: Place, where: tuple[str, str, str]) -> dict[str, bool] | None:
        headers = {}
        path, verb, status = where
        for name, value in mapping(self._work.findings, node, "headers", place).items():
            found = self._work.object(value, ((place, "headers"), name))
            if found is None:
                continue
            target = f"method.response.header.{name}"
            try:
                expressions.parse_response_target(target)
            except ControlError as error:
                self._work.findings.error(((place, "headers"), name), error.message)
                continue
            headers[target] = False
            report_unknown(self._work.findings, found[0], _HEADER, found[1], "a response header")
            if self._work.document.openapi3:
                report_schema(self._work, found[0], found[1], "a response header")
            location = DocumentationLocation(
                type="RESPONSE_HEADER", path=path, method=verb, status_code=status, name=name
            )
            self._documentation.add(location, pick(found[0], _HEADER_DESCRIBES), found[1])
        return headers or None

    def _media_types(self, operation: Object, key: str, place: Place, common: list[str]) -> list[str]:
        own = texts(self._work.findings, operation, key, place) if key in operation else common
        return own or ["application/json"]

    def _models(self, node: Object, place: Place, types: list[str]) -> dict[str, str]:
        if node.get("schema") is None:
            return {}
        name = self._schemas.name_of(node["schema"], (place, "schema"))
        if name is None:
            return {}
        return {content_type: name for content_type in types if self._is_content_type(content_type, place)}

    def _content(self, node: Object, place: Place) -> dict[str, str] | None:
        """``content`` of OpenAPI 3: content type to model."""
        findings = self._work.findings
        models = {}
        content = mapping(findings, node, "content", place)
        self._work.spend(len(content))
        for content_type, value in content.items():
            where: Place = ((place, "content"), content_type)
            found = self._work.object(value, where)
            if found is None or not self._is_content_type(content_type, where):
                continue
            for key in sorted(found[0].keys() - {"schema"}):
                findings.left_out(f"The field '{key}' of a media type is not supported and was left out", found[1])
            schema: Any = found[0].get("schema")
            if schema is not None:
                name = self._schemas.name_of(schema, (found[1], "schema"))
                if name is not None:
                    models[content_type] = name
            else:
                findings.left_out("A media type without a schema has no model and was left out", found[1])
        return models or None

    def _is_content_type(self, content_type: str, place: Place) -> bool:
        if content_type in self._content_types:
            return True
        try:
            check_content_types((content_type,))
        except ControlError as error:
            self._work.findings.error(place, error.message)
            return False
        self._content_types.add(content_type)
        return True
