"""From method and raw path to the operation."""

from __future__ import annotations

import pytest

from apigw.aws import routes


def name_of(method: str, path: str, query: str = "") -> str | None:
    found = routes.find(method, path, query)
    return None if found is None else found.route.operation.name


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("POST", "/restapis", "", "CreateRestApi"),
        ("POST", "/restapis", "mode=import", "ImportRestApi"),
        ("POST", "/restapis", "failonwarnings=false&mode=import", "ImportRestApi"),
        ("POST", "/restapis", "mode=overwrite", "CreateRestApi"),
        ("POST", "/apikeys", "format=csv&mode=import", "ImportApiKeys"),
        ("POST", "/apikeys", "", "CreateApiKey"),
        ("GET", "/restapis/a/documentation/parts", "", "GetDocumentationParts"),
        ("GET", "/restapis/a/stages/s/exports/oas30", "", "GetExport"),
        ("POST", "/v2/apis", "", "CreateApi"),
        ("GET", "/restapis/", "", None),
        ("GET", "/restapis//stages", "", None),
        ("GET", "/", "", None),
        ("GET", "", "", None),
        ("HEAD", "/restapis", "", None),
        ("get", "/restapis", "", None),
        ("GET", "/restapis/a/unheardof", "", None),
        ("GET", "/tags/a/b", "", None),
    ],
)
def test_the_route_of_a_call(method: str, path: str, query: str, expected: str | None) -> None:
    assert name_of(method, path, query) == expected


def test_an_encoded_slash_stays_in_its_label() -> None:
    found = routes.find("GET", "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fa1/", "")
    assert found is None
    found = routes.find("GET", "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fa1", "")
    assert found is not None
    assert found.labels == {"resource_arn": "arn:aws:apigateway:us-east-1::/restapis/a1"}


def test_the_discriminator_is_no_parameter() -> None:
    found = routes.find("POST", "/restapis", "mode=import&basepath=split")
    assert found is not None
    assert found.query == [("basepath", "split")]
