"""A request needs no more user-space instructions than was recorded (the development build, by callgrind)."""

import orjson
import pytest

from bench import instructions

RECORDED = instructions.ROOT / "bench/results/instructions.json"
TOLERANCE = 1.10


@pytest.mark.valgrind
@pytest.mark.timeout(900)
def test_requests_need_no_more_instructions_than_recorded() -> None:
    recorded = orjson.loads(RECORDED.read_bytes())["per_request"]["dev"]
    measured = instructions.measure(instructions.build("dev"), fewer=640, more=1_920)
    dearer = {name: (recorded[name], count) for name, count in measured.items() if count > recorded[name] * TOLERANCE}
    assert not dearer, f"recorded and measured; if it is worth it, run python -m bench.instructions: {dearer}"
