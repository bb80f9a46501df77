"""Small APIs for journeys: a MOCK that says a literal, as an OpenAPI document."""

from __future__ import annotations

import orjson

# With one thing wrong, and its place.
WRONG_DOCUMENT = """\
openapi: 3.0.1
info: {title: bad, version: '1'}
paths:
  /a:
    get:
      responses: {}
      x-amazon-apigateway-integration:
        type: nonsense
"""


def document(title: str, said: str) -> bytes:
    """An API whose ``GET /`` answers 200 with the JSON text ``said`` and ``X-Deployment: context.deploymentId``."""
    return orjson.dumps(
        {
            "swagger": "2.0",
            "info": {"title": title, "version": "1"},
            "paths": {
                "/": {
                    "get": {
                        "responses": {
                            "200": {"description": "said", "headers": {"X-Deployment": {"type": "string"}}},
                        },
                        "x-amazon-apigateway-integration": {
                            "type": "mock",
                            "requestTemplates": {"application/json": '{"statusCode": 200}'},
                            "responses": {
                                "default": {
                                    "statusCode": "200",
                                    "responseTemplates": {"application/json": said},
                                    "responseParameters": {
                                        "method.response.header.X-Deployment": "context.deploymentId"
                                    },
                                }
                            },
                        },
                    }
                }
            },
        }
    )
