"""The endpoint of an API, and the base path that the document was served under elsewhere.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-endpoint-configuration.html
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from apigw.control.openapi.fields import Object, boolean, choice, mapping, report_unknown, sequence, text, texts, wrong
from apigw.control.openapi.findings import Place, shown
from apigw.control.openapi.importing import Import
from apigw.domain.rest_api import EndpointConfiguration, EndpointType, RestApi

_EXTENSION: Final = "x-amazon-apigateway-endpoint-configuration"
_SERVER: Final = frozenset({"url", "description", "variables", _EXTENSION})
_KNOWN: Final = frozenset({"disableExecuteApiEndpoint", "vpcEndpointIds", "ipAddressType"})


def endpoint_configuration(work: Import, existing: RestApi | None) -> tuple[EndpointConfiguration, bool | None]:
    """The configuration, and ``disableExecuteApiEndpoint`` if the document says it. An existing API keeps its type."""
    findings = work.findings
    node, place = _extension(work)
    report_unknown(findings, node, _KNOWN, place, _EXTENSION)
    kept = existing.endpoint_configuration if existing is not None else None
    kind = _type(work, kept)
    vpc_endpoint_ids = texts(findings, node, "vpcEndpointIds", place)
    if vpc_endpoint_ids and kind != "PRIVATE":
        findings.error((place, "vpcEndpointIds"), "vpcEndpointIds can only be specified for Private APIs.")
        vpc_endpoint_ids = []
    given = choice(findings, node, "ipAddressType", place, ("IPV4", "DUALSTACK"))
    if given == "IPV4" and kind == "PRIVATE":
        findings.error((place, "ipAddressType"), "Only dualstack ipAddressType is supported for Private APIs.")
        given = None
    default = kept.ip_address_type if kept is not None else "dualstack" if kind == "PRIVATE" else "ipv4"
    configuration = EndpointConfiguration(
        types=(kind,),
        ip_address_type=given.lower() if given else default,
        vpc_endpoint_ids=tuple(vpc_endpoint_ids) or (kept.vpc_endpoint_ids if kept is not None else None),
    )
    return configuration, boolean(findings, node, "disableExecuteApiEndpoint", place)


def _type(work: Import, kept: EndpointConfiguration | None) -> EndpointType:
    wanted = work.parameters.endpoint_type
    if kept is not None:
        if wanted is not None and wanted not in kept.types:
            text = f"An import does not change the endpoint type; it stays {kept.types[0]}"
            work.findings.warn(None, text, named=True)
        return kept.types[0]
    if wanted == "PRIVATE":
        return "PRIVATE"
    return "REGIONAL" if wanted == "REGIONAL" else "EDGE"


def _extension(work: Import) -> tuple[Object, Place]:
    """The extension stands at the root, or in OpenAPI 3 at a server."""
    tree, findings = work.document.tree, work.findings
    first: tuple[Object, Place] | None = None
    if _EXTENSION in tree:
        first = mapping(findings, tree, _EXTENSION, None), (None, _EXTENSION)
    for index, server in enumerate(sequence(findings, tree, "servers", None) if work.document.openapi3 else ()):
        place: Place = ((None, "servers"), index)
        if type(server) is not dict:
            continue
        report_unknown(findings, server, _SERVER, place, "a server")
        if _EXTENSION not in server:
            continue
        if first is None:
            first = mapping(findings, server, _EXTENSION, place), (place, _EXTENSION)
        else:
            findings.left_out(f"An API has one '{_EXTENSION}'; the first one is used", place)
    return first or ({}, None)


def base_path_prefix(work: Import) -> str:
    """What stands before every path: ``""`` or ``/a/b``, by the call's ``basepath``."""
    if work.parameters.base_path == "ignore":
        return ""
    path = (_openapi3_base_path(work) if work.document.openapi3 else _swagger_base_path(work)) or ""
    parts = [part for part in path.split("/") if part]
    if work.parameters.base_path == "split":
        parts = parts[1:]
    return "".join(f"/{part}" for part in parts)


def _swagger_base_path(work: Import) -> str | None:
    return text(work.findings, work.document.tree, "basePath", None)


def _openapi3_base_path(work: Import) -> str | None:
    findings = work.findings
    servers = sequence(findings, work.document.tree, "servers", None)
    if not servers:
        return None
    place: Place = ((None, "servers"), 0)
    server: Any = servers[0]
    if type(server) is not dict:
        wrong(findings, place, "object", server)
        return None
    variables = mapping(findings, server, "variables", place)
    variable = mapping(findings, variables, "basePath", (place, "variables"))
    default = text(findings, variable, "default", ((place, "variables"), "basePath"))
    if default is not None:
        return default  # AWS: it counts even when the URL does not use it
    url = text(findings, server, "url", place)
    if url is None:
        return None
    for name, value in variables.items():
        # A variable of the URL is no path variable: its default stands for it.
        if type(value) is dict and type(value.get("default")) is str:
            url = url.replace(f"{{{name}}}", value["default"])
    try:
        return urlsplit(url).path
    except ValueError:
        findings.error((place, "url"), f"Invalid server URL {shown(url)}")
        return None
