"""Locust's users on the petstore: content with the example, not content with one that answers otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.load.run import PETSTORE, main
from tests.conftest import program
from tests.journeys.conftest import APIGW


def walk(*more: str) -> int:
    locust = program("locust")
    assert locust is not None
    return main(["--seconds", "2", "--users", "4", "--apigw", str(APIGW), "--locust", locust, *more])


@pytest.mark.locust
def test_users_are_content_with_the_petstore(capfd: pytest.CaptureFixture[str]) -> None:
    assert walk() == 0
    shown = capfd.readouterr().err
    # What everybody begins with; how far they get is the machine's affair.
    assert "GET      /pets " in shown
    assert "POST     /pets " in shown


@pytest.mark.locust
@pytest.mark.parametrize(
    ("said", "instead", "error"),
    [
        ("201", "202", "POST /pets: 202 instead of 201"),
        ('"message": "created"', '"message": "made"', "POST /pets: 'message' is 'made' instead of 'created'"),
    ],
)
def test_an_answer_that_nobody_expects_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], said: str, instead: str, error: str
) -> None:
    other = tmp_path / "petstore.yaml"
    other.write_text(PETSTORE.read_text().replace(said, instead))
    assert walk("--document", str(other)) == 1
    assert error in capfd.readouterr().err
