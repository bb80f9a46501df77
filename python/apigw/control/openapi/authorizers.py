"""Security schemes: what each name in ``security`` stands for, and the authorizers among them.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from apigw.control.openapi.documentation import Documentation, pick
from apigw.control.openapi.fields import Object, choice, integer, mapping, report_unknown, text, texts
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.domain.rest_api import Authorizer, DocumentationLocation

Kind = Literal["api_key", "iam", "authorizer", "unsupported"]

_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_AUTHTYPE: Final = "x-amazon-apigateway-authtype"
_TYPES: Final = ("TOKEN", "REQUEST", "COGNITO_USER_POOLS")
_SCHEME: Final = frozenset(
    {"type", "name", "in", "description", "flow", "flows", "scheme", "bearerFormat", "openIdConnectUrl",
     "authorizationUrl", "tokenUrl", "scopes", _AUTHORIZER, _AUTHTYPE}
)  # fmt: skip
_OF_OAUTH: Final = frozenset({"flow", "flows", "scopes"})
_KNOWN: Final = frozenset(
    {"type", "authorizerUri", "authorizerCredentials", "authorizerResultTtlInSeconds", "identitySource",
     "identityValidationExpression", "providerARNs"}
)  # fmt: skip
DEFAULT_TTL: Final = 300
INVALID_URI: Final = "Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."


class Scheme(Struct, frozen=True):
    """A security scheme; ``type`` is the document's."""

    kind: Kind
    type: str
    authorizer: Authorizer | None = None
    place: Place = None


def read_schemes(work: Import, documentation: Documentation) -> dict[str, Scheme]:
    """The document's security schemes by name; those with an error are missing."""
    findings = work.findings
    node, place = work.document.tree, None
    parent: Place = place
    for key in work.document.schemes[:-1]:
        node = mapping(findings, node, key, parent)
        parent = (parent, key)
    schemes = {}
    key = work.document.schemes[-1]
    for name, value in mapping(findings, node, key, parent).items():
        found = work.object(value, ((parent, key), name))
        if found is None:
            continue
        report_unknown(findings, found[0], _SCHEME, found[1], "a security scheme")
        schemes[name] = replace(_scheme(work, name, found[0], found[1]), place=found[1])
        described = pick(found[0], ("description",))
        if schemes[name].kind != "authorizer":
            if described:
                text_of_it = "The description of a security scheme without an authorizer was left out"
                findings.left_out(text_of_it, (found[1], "description"))
        else:
            documentation.add(DocumentationLocation(type="AUTHORIZER", name=name), described, found[1])
            # AWS: the authorizer alone decides; scopes are those that operations ask for.
            for member in _OF_OAUTH & found[0].keys():
                text_of_it = (
                    f"The {member} of a security scheme with an authorizer were left out: they are not enforced"
                )
                findings.left_out(text_of_it, (found[1], member))
    return schemes


def _scheme(work: Import, name: str, node: Object, place: Place) -> Scheme:
    findings = work.findings
    kind = text(findings, node, "type", place) or ""
    authtype = text(findings, node, _AUTHTYPE, place)
    if _AUTHORIZER in node:
        found = work.object(node[_AUTHORIZER], (place, _AUTHORIZER))
        authorizer = None if found is None else _authorizer(work, name, node, found[0], found[1], authtype)
        return Scheme("authorizer", kind, authorizer)
    if (authtype or "").lower() == "awssigv4" or name == "sigv4":
        return Scheme("iam", kind)
    header = text(findings, node, "name", place) or ""
    if kind == "apiKey" and node.get("in") == "header" and header.lower() == "x-api-key":
        return Scheme("api_key", kind)
    return Scheme("unsupported", kind)


def _authorizer(
    work: Import, name: str, scheme: Object, node: Object, place: Place, authtype: str | None
) -> Authorizer | None:
    findings = work.findings
    report_unknown(findings, node, _KNOWN, place, _AUTHORIZER)
    kind = choice(findings, node, "type", place, _TYPES)
    if kind is None and node.get("type") is None:
        findings.error(place, f"The authorizer '{name}' needs a 'type': token, request or cognito_user_pools")
    existing = work.target.existing.authorizers.get(name)
    cognito = kind == "COGNITO_USER_POOLS"
    providers = texts(findings, node, "providerARNs", place)
    if cognito and not providers:
        findings.error(place, f"The authorizer '{name}' needs 'providerARNs'")
    uri = text(findings, node, "authorizerUri", place)
    if kind is not None and not cognito and not _invokes_lambda(uri):
        findings.error((place, "authorizerUri"), f"Invalid Authorizer URI: {uri or ''}. {INVALID_URI}")
    ttl = integer(findings, node, "authorizerResultTtlInSeconds", place)
    if ttl is not None and not 0 <= ttl <= 3_600:
        findings.error(
            (place, "authorizerResultTtlInSeconds"), "Authorizer result ttl value must be between 0 and 3600"
        )
    source = text(findings, node, "identitySource", place)
    credentials = text(findings, node, "authorizerCredentials", place)
    validation = text(findings, node, "identityValidationExpression", place)
    complaint = work.target.check_text("regex", validation) if validation else None
    if complaint is not None:
        findings.error(
            (place, "identityValidationExpression"), f"Invalid identity validation expression specified: {complaint}"
        )
    if kind is None:
        return None
    if source is None and kind != "REQUEST":
        header = scheme.get("name")
        source = f"method.request.header.{header if type(header) is str and header else 'Authorization'}"
    if source is None and ttl != 0:
        findings.error(place, f"The REQUEST authorizer '{name}' needs an 'identitySource' while its results are cached")
    return Authorizer(
        id=existing.id if existing is not None else work.new_id(),
        name=name,
        type=kind,
        auth_type=authtype or ("cognito_user_pools" if cognito else "custom"),
        provider_arns=tuple(providers) or None,
        authorizer_uri=uri,
        authorizer_credentials=credentials,
        identity_source=source,
        identity_validation_expression=validation,
        authorizer_result_ttl_in_seconds=DEFAULT_TTL if ttl is None else ttl,
    )


def _invokes_lambda(uri: str | None) -> bool:
    parts = (uri or "").split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[2] == "apigateway" and parts[4].endswith("lambda")
