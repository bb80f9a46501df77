"""Every operation of the service models either has a function or stands in ``NOT_YET``."""

from __future__ import annotations

import pytest

from apigw.aws.dispatch import REGISTRIES
from apigw.aws.not_yet import NOT_YET
from apigw.aws.service_model import MODELS, service_model

# May only shrink: lower it when operations leave NOT_YET.
NOT_YET_AT_MOST = {"apigateway": 79, "apigatewayv2": 103}


@pytest.mark.parametrize("service", MODELS)
def test_every_operation_is_here_or_not_yet(service: str) -> None:
    registered = set(REGISTRIES[service])
    assert registered | NOT_YET[service] == set(service_model(service).operations)
    assert not registered & NOT_YET[service]


@pytest.mark.parametrize("service", MODELS)
def test_the_list_shrinks(service: str) -> None:
    assert len(NOT_YET[service]) <= NOT_YET_AT_MOST[service]


def test_there_are_as_many_operations_as_the_specification_says() -> None:
    assert {service: len(service_model(service).operations) for service in MODELS} == {
        "apigateway": 124,
        "apigatewayv2": 103,
    }
