"""What clients put into mapped parameters never becomes a line of its own: every source into every place.

AWS page: "Map method request data to integration request parameters".
"""

from __future__ import annotations

import msgspec
import pytest

from apigw.engine import PrepareError
from apigw.snapshot import units
from tests.framing.conftest import SOURCES, STAGE, UNCACHED, Served, mapped, patch
from tests.framing.wire import talk

INJECTIONS = [
    "a%0d%0aEvil: yes",
    "a%0d%0aHost:evil",
    "a%0aEvil:yes",
    "a%0dEvil:yes",
    "a%00b",
    "a%0d%0a%0d%0aGET%20/smuggled%20HTTP/1.1%0d%0aHost:%20evil%0d%0a%0d%0a",
    "%20HTTP/1.1%0d%0aEvil:%20yes%0d%0a",
    "a%7fb",
    "%01",
]


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("location", ["header", "querystring", "path"])
@pytest.mark.parametrize("source", SOURCES)
def test_no_source_breaks_a_line(served: Served, source: str, location: str, injection: str) -> None:
    encoded = injection.replace(" ", "%20").replace(":", "%3a")
    path = f"/{location}-{source}/{encoded}?x={encoded}"
    answers = talk(served.port, served.get(path, f"X-In: {injection}"))
    # In a value that holds the bytes themselves the request fails; where they stay encoded they are text.
    assert [answer.status for answer in answers] in ([200], [500])
    assert len(served.backend.requests) == (answers[0].status == 200)
    for request in served.backend.requests:
        assert request.header("Evil") is None
        assert "evil" not in (request.header("Host") or "")
        assert request.method == "GET"
    decoded = location != "querystring" and source in ("querystring", "multi")
    spaced = location == "path" and source in ("header", "multiheader") and " " in injection
    assert (answers[0].status == 500) == (decoded or spaced)


def test_text_that_is_fine_gets_through(served: Served) -> None:
    for source in SOURCES:
        answers = talk(served.port, served.get(f"/header-{source}/abc?x=abc", "X-In: abc"))
        assert [answer.status for answer in answers] == [200]
    for request, source in zip(served.backend.requests, SOURCES, strict=True):
        assert request.header("X-Mapped") == (f"/{STAGE}/header-context/abc" if source == "context" else "abc")


@pytest.mark.parametrize("value", ["a\r\nEvil: yes", "a\nEvil: yes", "a\0", "a\x7f"])
def test_stage_variables_and_literals(served: Served, value: str) -> None:
    """They come from management, so a compile may refuse them; what it takes must not reach a backend as a line."""
    for source in (units.StageVariableSource(name="v"), units.LiteralSource(value=value)):
        whole = patch(served.backend, [units.StageVariable(name="v", value=value)])
        deployment = whole.put[0]
        assert isinstance(deployment, units.Deployment)
        method = units.Method(
            http_method="ANY",
            validation=None,
            method_responses=["200"],
            integration=mapped(served.backend, source),
            cache_key=UNCACHED,
        )
        resource = units.Resource(resource_id="r99999", path="/own/{proxy+}", methods=[method])
        other = msgspec.structs.replace(deployment, resources=[resource, *deployment.resources])
        try:
            ticket = served.engine.prepare(
                msgspec.json.encode(units.SnapshotPatch(put=[other, whole.put[1]], remove=[]))
            )
        except PrepareError:
            continue
        served.engine.activate([ticket])
        answers = talk(served.port, served.get("/own/abc"))
        assert [answer.status for answer in answers] == [500]
        assert served.backend.requests == []
        served.engine.activate([served.engine.prepare(msgspec.json.encode(patch(served.backend)))])
