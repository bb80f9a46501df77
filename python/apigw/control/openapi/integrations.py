"""``x-amazon-apigateway-integration``: what answers a method, and how answers become method responses.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec import Struct

from apigw.control.openapi.fields import (
    Object,
    boolean,
    choice,
    integer,
    mapping,
    report_unknown,
    scalar,
    text,
    texts,
)
from apigw.control.openapi.findings import Place, shown
from apigw.control.openapi.importing import Import
from apigw.domain import integration_rules as rules
from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import BadRequest, ControlError
from apigw.domain.method_rules import undeclared_cache_keys
from apigw.domain.rest_api import VERBS, Integration, IntegrationResponse, Method, TlsConfig

T = TypeVar("T")

EXTENSION: Final = "x-amazon-apigateway-integration"
_TYPES: Final = ("HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS")
_KNOWN: Final = frozenset(
    {"type", "uri", "httpMethod", "credentials", "connectionType", "connectionId", "integrationTarget",
     "passthroughBehavior", "contentHandling", "requestParameters", "requestTemplates", "cacheNamespace",
     "cacheKeyParameters", "timeoutInMillis", "tlsConfig", "responseTransferMode", "responses"}
)  # fmt: skip
_RESPONSE: Final = frozenset({"statusCode", "responseParameters", "responseTemplates", "contentHandling"})


class IntegrationReader(Struct):
    """Reads the integration of one method."""

    work: Import
    path: str
    method: Method

    def read(self, value: Any, place: Place) -> Integration | None:
        """The integration; ``None`` after an error that leaves nothing to check."""
        found = self.work.object(value, place)
        if found is None:
            return None
        node, place = found
        findings = self.work.findings
        report_unknown(findings, node, _KNOWN, place, EXTENSION)
        kind = choice(findings, node, "type", place, _TYPES)
        if kind is None:
            if node.get("type") is None:
                self._refuse(place, f"The integration needs a 'type', one of {','.join(_TYPES)}")
            # For its errors, so that all are known at once; HTTP takes every member.
            self._integration("HTTP", node, place)
            return None
        integration = self._integration(kind, node, place)
        self._check_backend(integration, node, place)
        return integration

    def _integration(self, kind: str, node: Object, place: Place) -> Integration:
        findings = self.work.findings
        http = kind in ("HTTP", "HTTP_PROXY")
        connection = choice(findings, node, "connectionType", place, ("INTERNET", "VPC_LINK"))
        if connection == "VPC_LINK" and not http:
            findings.warn((place, "connectionType"), "A VPC link is used by HTTP and HTTP_PROXY integrations only")
        for key in ("httpMethod", "uri", "connectionId") if kind == "MOCK" else () if http else ("connectionId",):
            if node.get(key) is not None:
                findings.left_out(
                    f"The field '{key}' has no effect on integrations of type {kind} and was left out", (place, key)
                )
        return Integration(
            type=kind,  # type: ignore[arg-type]  # one of _TYPES
            http_method=None if kind == "MOCK" else choice(findings, node, "httpMethod", place, VERBS),
            uri=None if kind == "MOCK" else text(findings, node, "uri", place),
            connection_type=(connection or "INTERNET") if http else None,
            connection_id=text(findings, node, "connectionId", place) if http else None,
            integration_target=text(findings, node, "integrationTarget", place),
            credentials=text(findings, node, "credentials", place),
            request_parameters=self._request_parameters(node, place),
            request_templates=self._templates(node, "requestTemplates", place),
            passthrough_behavior=choice(findings, node, "passthroughBehavior", place, rules.PASSTHROUGH_BEHAVIORS)
            or "WHEN_NO_MATCH",
            content_handling=choice(findings, node, "contentHandling", place, rules.CONTENT_HANDLINGS),
            timeout_in_millis=self._timeout(node, place),
            cache_namespace=text(findings, node, "cacheNamespace", place) or self.method.resource_id,
            cache_key_parameters=self._cache_keys(node, place),
            tls_config=self._tls_config(node, place),
            response_transfer_mode=choice(findings, node, "responseTransferMode", place, ("BUFFERED", "STREAM")),
            integration_responses=self._responses(node, place),
        )

    def _check_backend(self, integration: Integration, node: Object, place: Place) -> None:
        """What the members say together; one that had an error by itself is not complained about again."""
        kind = integration.type
        if kind != "MOCK" and node.get("httpMethod") is None:
            self._refuse((place, "httpMethod"), "Enumeration value for HttpMethod must be non-empty")
        if integration.uri is None and node.get("uri") is not None:
            pass
        elif kind in ("HTTP", "HTTP_PROXY"):
            self._try((place, "uri"), rules.check_http_uri, integration.uri)
        elif kind in ("AWS", "AWS_PROXY"):
            self._try((place, "uri"), rules.check_aws_uri, integration)
        if integration.connection_type == "VPC_LINK" and not integration.connection_id:
            self._refuse((place, "connectionId"), "Connection id must be specified for connection type VPC_LINK")
        if integration.tls_config is not None and kind not in ("HTTP", "HTTP_PROXY"):
            self._refuse(
                (place, "tlsConfig"), "TLS configuration is supported only for HTTP and HTTP_PROXY integrations"
            )
        stream = integration.response_transfer_mode == "STREAM"
        if stream and not kind.endswith("_PROXY"):
            self._refuse(
                (place, "responseTransferMode"),
                "Response transfer mode STREAM is supported only for HTTP_PROXY and AWS_PROXY integrations",
            )
        longest = rules.LONGEST_STREAM if stream else rules.DEFAULT_TIMEOUT
        if not 50 <= integration.timeout_in_millis <= longest:
            self._refuse((place, "timeoutInMillis"), f"Timeout should be between 50 ms and {longest} ms")

    def _timeout(self, node: Object, place: Place) -> int:
        given = integer(self.work.findings, node, "timeoutInMillis", place)
        return rules.DEFAULT_TIMEOUT if given is None else given

    def _tls_config(self, node: Object, place: Place) -> TlsConfig | None:
        if node.get("tlsConfig") is None:
            return None
        config = mapping(self.work.findings, node, "tlsConfig", place)
        place = (place, "tlsConfig")
        report_unknown(self.work.findings, config, frozenset({"insecureSkipVerification"}), place, "tlsConfig")
        insecure = boolean(self.work.findings, config, "insecureSkipVerification", place)
        return TlsConfig(insecure_skip_verification=insecure or False)

    def _cache_keys(self, node: Object, place: Place) -> tuple[str, ...]:
        keys = texts(self.work.findings, node, "cacheKeyParameters", place)
        declared = self.method.request_parameters or {}
        # One whose mapping had an error is not complained about again; what is no string was left out.
        given = node.get("requestParameters")
        given = given if type(given) is dict else {}
        mapped = {name for name, source in given.items() if source is None or type(source) is str}

        def check(key: str) -> None:
            rules.check_cache_keys((key,))
            if undeclared_cache_keys((key,), declared, mapped):
                raise BadRequest(expressions.INVALID_CACHE_KEY)

        for index, key in enumerate(keys):
            self._try(((place, "cacheKeyParameters"), index), check, key)
        return tuple(keys)

    def _texts(self, node: Object, key: str, place: Place) -> dict[str, str | None] | None:
        """A map of strings; AWS: what is no string is left out with a warning."""
        if node.get(key) is None:
            return None
        found: dict[str, str | None] = {}
        place = (place, key)
        for name, value in mapping(self.work.findings, node, key, place[0]).items():
            if value is None or type(value) is str:
                found[name] = value
                continue
            got = shown(value)
            self.work.findings.warn(
                (place, name),
                f"Invalid format for '{key}'. Expected type string for property '{name}' of resource '{self.path}' "
                f"and method '{self.method.http_method}' but got {got}",
                named=True,
            )
        return found

    def _request_parameters(self, node: Object, place: Place) -> dict[str, str] | None:
        given = self._texts(node, "requestParameters", place)
        if given is None:
            return None
        place = (place, "requestParameters")
        declared = self.method.request_parameters or {}
        for target, source in given.items():
            where: Place = (place, target)
            self._try(where, expressions.parse_request_target, target)
            try:
                parsed = expressions.parse_request_source(source or "")
            except ControlError as error:
                self._refuse(where, error.message)
                continue
            self._check_json_path(where, source or "", parsed)
            if isinstance(parsed, expressions.ParameterSource) and parsed.declared_as() not in declared:
                self._refuse(where, expressions.undeclared(source or ""))
        return {target: source for target, source in given.items() if source} or None

    def _check_json_path(
        self, place: Place, text: str, source: expressions.Source | None, what: str = "integration"
    ) -> None:
        path = None if source is None else expressions.json_path(source)
        complaint = self.work.target.check_text("jsonPath", path) if path else None
        if complaint is not None:
            self._refuse(place, expressions.invalid_json_path(text, complaint).message, what)

    def _templates(self, node: Object, key: str, place: Place) -> dict[str, str | None] | None:
        given = self._texts(node, key, place)
        for content_type, template in (given or {}).items():
            where: Place = ((place, key), content_type)
            self._try(where, rules.check_content_types, (content_type,))
            complaint = self.work.target.check_text("template", template) if template else None
            if complaint is not None:
                what = "integration response" if key == "responseTemplates" else "integration"
                self._refuse(where, rules.invalid_template(content_type, complaint), what)
        return rules.templates(given) or None

    def _responses(self, node: Object, place: Place) -> dict[str, IntegrationResponse] | None:
        if node.get("responses") is None:
            return None
        findings = self.work.findings
        responses: dict[str, IntegrationResponse] = {}
        given = mapping(findings, node, "responses", place)
        self.work.spend(len(given))
        for pattern, value in given.items():
            found = self.work.object(value, ((place, "responses"), pattern))
            if found is None:
                continue
            response = self._response(pattern, found[0], found[1])
            if response is None:
                continue
            if response.status_code in responses:
                findings.warn(
                    found[1],
                    f"A method has one integration response for status code {response.status_code}; "
                    "the last one is used",
                )
            responses[response.status_code] = response
        return responses or None

    def _response(self, pattern: str, node: Object, place: Place) -> IntegrationResponse | None:
        findings = self.work.findings
        report_unknown(findings, node, _RESPONSE, place, "an integration response")
        status = scalar(findings, node, "statusCode", place)
        if status is None:
            self._refuse(place, "The integration response needs a 'statusCode'", "integration response")
            return None
        declared = (self.method.method_responses or {}).get(status)
        if declared is None:
            self._refuse((place, "statusCode"), expressions.NO_METHOD_RESPONSE, "integration response")
        parameters = self._texts(node, "responseParameters", place)
        headers = declared.response_parameters or {} if declared is not None else None
        for target, source in (parameters or {}).items():
            where: Place = ((place, "responseParameters"), target)
            before = "integration response"
            self._try(where, expressions.parse_response_target, target, before)
            parsed = self._try(where, expressions.parse_response_source, source or "", before)
            self._check_json_path(where, source or "", parsed, before)
            if headers is not None and target not in headers:
                self._refuse(where, expressions.undeclared(target), before)
        if pattern != "default":
            complaint = self.work.target.check_text("selectionPattern", pattern)
            if complaint is not None:
                self._refuse(place, rules.invalid_selection_pattern(complaint), "integration response")
        return IntegrationResponse(
            status_code=status,
            selection_pattern=None if pattern == "default" else pattern,
            response_parameters={target: source for target, source in (parameters or {}).items() if source} or None,
            response_templates=self._templates(node, "responseTemplates", place),
            content_handling=choice(findings, node, "contentHandling", place, rules.CONTENT_HANDLINGS),
        )

    def _try(self, place: Place, check: Callable[[Any], T], value: Any, what: str = "integration") -> T | None:
        try:
            return check(value)
        except ControlError as error:
            self._refuse(place, error.message, what)
            return None

    def _refuse(self, place: Place, message: str, what: str = "integration") -> None:
        verb = self.method.http_method
        self.work.findings.error(
            place, f"Unable to put {what} on '{verb}' for resource at path '{self.path}': {message}"
        )
