"""Where the engine found fault, as a client finds it."""

from __future__ import annotations

import orjson
import pytest

from apigw.snapshot.describe import place

PATCH = orjson.dumps(
    {
        "put": [
            {
                "kind": "deployment",
                "gateway_responses": [
                    {
                        "response_type": "THROTTLED",
                        "status_code": "1",
                        "headers": [{"name": "C"}],
                        "templates": [{"content_type": "text/plain", "text": ""}],
                    }
                ],
                "resources": [
                    {
                        "resource_id": "a",
                        "path": "/pets/{id}",
                        "methods": [
                            {
                                "http_method": "GET",
                                "integration": {
                                    "backend": {"uri": "x"},
                                    "request_parameters": [{"location": "header", "name": "A"}],
                                    "request_templates": [{"content_type": "text/plain", "text": ""}],
                                    "responses": [
                                        {
                                            "status_code": "200",
                                            "selection_pattern": "(",
                                            "response_parameters": [{"name": "B"}],
                                        }
                                    ],
                                },
                            }
                        ],
                    }
                ],
            },
            {"kind": "stage", "stage_name": "prod", "variables": [{"name": "v", "value": "x"}]},
        ]
    }
)
INTEGRATION = ".put[0].resources[0].methods[0].integration"
SHOWN = "$.resources['/pets/{id}'].GET.methodIntegration"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"${INTEGRATION}.backend.uri", f"{SHOWN}.uri"),
        (
            f"${INTEGRATION}.responses[0].selection_pattern",
            f"{SHOWN}.integrationResponses['200'].selectionPattern",
        ),
        (
            f"${INTEGRATION}.responses[0].response_parameters[0].name",
            f"{SHOWN}.integrationResponses['200'].responseParameters['method.response.header.B'].name",
        ),
        (
            f"${INTEGRATION}.request_parameters[0].name",
            f"{SHOWN}.requestParameters['integration.request.header.A'].name",
        ),
        (f"${INTEGRATION}.request_templates[0].text", f"{SHOWN}.requestTemplates['text/plain'].text"),
        ("$.put[0].resources[0].path", "$.resources['/pets/{id}'].path"),
        (
            "$.put[0].gateway_responses[0].headers[0].name",
            "$.gatewayResponses['THROTTLED'].responseParameters['gatewayresponse.header.C'].name",
        ),
        (
            "$.put[0].gateway_responses[0].templates[0].content_type",
            "$.gatewayResponses['THROTTLED'].responseTemplates['text/plain'].contentType",
        ),
        ("$.put[0].gateway_responses[0].status_code", "$.gatewayResponses['THROTTLED'].statusCode"),
        ("$.put[1].variables[0].value", "$.stages['prod'].variables['v'].value"),
        ("$", "$"),
        ("$.put[7].uri", "$.put[7].uri"),
        ("$.put[0].nothing", "$.put[0].nothing"),
        ("somewhere else", "somewhere else"),
    ],
)
def test_places(path: str, shown: str) -> None:
    assert place(PATCH, path) == shown


def test_what_is_no_patch_keeps_its_path() -> None:
    assert place(b"no patch", "$.put[0]") == "$.put[0]"
