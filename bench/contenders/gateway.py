"""The gateway itself: the whole of it behind boto3, or its engine alone with a snapshot file."""

from pathlib import Path

from bench import api
from bench.contenders.process import Server

API_ID = "benchapi00"


def engine(directory: Path, core: int | None, answers: api.Answers, binary: Path) -> Server:
    """`apigw-engine SNAPSHOT.json` with an access log and metrics."""
    raise NotImplementedError


def apigw(directory: Path, core: int | None, answers: api.Answers, program: Path) -> Server:
    """`apigw serve`; the API is imported and deployed through boto3 against the admin listener."""
    raise NotImplementedError
