"""A document to the records of every family. Reads the whole of it before anything is written anywhere.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

import gc

from apigw.control.openapi.authorizers import read_schemes
from apigw.control.openapi.bodies import BodyReader
from apigw.control.openapi.document import recognise
from apigw.control.openapi.documentation import Documentation
from apigw.control.openapi.endpoint import base_path_prefix
from apigw.control.openapi.fields import Object, mapping
from apigw.control.openapi.findings import Findings, Place
from apigw.control.openapi.gateway_responses import read_gateway_responses
from apigw.control.openapi.importing import Definition, Import, Parameters, Target, TooMuchError
from apigw.control.openapi.operations import OperationReader
from apigw.control.openapi.schemas import Schemas
from apigw.control.openapi.security import SecurityReader
from apigw.control.openapi.settings import read_rest_api
from apigw.control.openapi.tree import Tree
from apigw.control.openapi.unused import report_unused
from apigw.control.openapi.validators import Validators
from apigw.domain.rest_api import Method, Resource


def build(tree: Object, target: Target, parameters: Parameters, findings: Findings) -> Definition | None:
    """What the document becomes; ``None`` (or anything, to be thrown away) when ``findings.failed``."""
    document = recognise(tree, findings)
    if document is None:
        return None
    work = Import(document, target, parameters, findings)
    collecting = gc.isenabled()
    gc.disable()  # only acyclic records are made, a hundred thousand at once: looking for cycles takes 40 % of the time
    try:
        return _build(work)
    except TooMuchError:
        findings.error(None, "The document's references make it expand beyond what an import handles")
        return None
    finally:
        if collecting:
            gc.enable()


def _build(work: Import) -> Definition:
    documentation = Documentation(work)
    rest_api = read_rest_api(work, documentation)
    schemas = Schemas(work)
    schemas.read_named()
    schemes = read_schemes(work, documentation)
    validators = Validators(work)
    tree = Tree(work, base_path_prefix(work))
    security = SecurityReader(work, schemes)
    bodies = BodyReader(work, schemas, documentation)
    methods = _methods(work, tree, OperationReader(work, documentation, bodies, security, validators))
    documentation.read_listed()
    models = schemas.models()
    if not work.findings.failed:  # what an error kept from being read may have used anything
        report_unused(work, schemes, security.used)
    return Definition(
        rest_api=rest_api,
        resources=tree.resources(),
        methods=methods,
        models=models,
        request_validators=validators.validators(),
        authorizers=[scheme.authorizer for scheme in schemes.values() if scheme.authorizer is not None],
        gateway_responses=read_gateway_responses(work),
        documentation_parts=documentation.parts(),
    )


def _methods(work: Import, tree: Tree, operations: OperationReader) -> list[Method]:
    findings = work.findings
    methods: dict[tuple[str, str], Method] = {}
    paths: Place = (None, "paths")
    for key, value in mapping(findings, work.document.tree, "paths", None).items():
        place: Place = (paths, key)
        if key.startswith("x-"):
            findings.left_out(f"The extension '{key}' of paths is not supported and was left out", place)
            continue
        resource = tree.place(key, place)
        found = work.object(value, place, whole=True)
        if found is None:
            continue
        if resource is None:
            # For the errors below, so that all are known at once.
            operations.methods(Resource(id="", path=key), *found)
            continue
        for method in operations.methods(resource, *found):
            identity = (method.resource_id, method.http_method)
            if identity in methods:
                findings.error(
                    place,
                    f"Unable to put method '{method.http_method}' on resource at path '{resource.path}': "
                    "Method already exists for this resource",
                )
            methods[identity] = method
    return list(methods.values())
