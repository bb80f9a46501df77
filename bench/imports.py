"""A document of 10,000 operations, JSON and YAML: seconds from the call until it is served, and the memory it takes."""

import tempfile
import time
from pathlib import Path

import orjson
import yaml

from bench import api, memory
from bench.contenders import gateway
from bench.findings import Findings, write
from bench.lockstep import Lockstep
from bench.machine import machine

COLLECTIONS = 2_500
BAR_SECONDS = 5.0


def documents(answers: api.Answers) -> dict[str, bytes]:
    """The same document twice."""
    document = api.document(answers, "ten thousand", COLLECTIONS)
    text: str = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)
    return {"JSON": orjson.dumps(document), "YAML": text.encode()}


def measure(program: Path, document: bytes, answers: api.Answers) -> dict[str, float]:
    """Imports into a fresh gateway; seconds and bytes."""
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as directory:
        server = gateway.bare(program, Path(directory), None)
        try:
            gateway.management(server).get_rest_apis()  # boto3 reads its models once, not on our time
            before = memory.resident(server.pid)
            begin = time.monotonic()
            server.host = gateway.host_of(gateway.deploy(server, document))
            with Lockstep(server, 1, answers) as client:
                client.ask(api.targets(answers, 1, seed=6, collections=COLLECTIONS))
                seconds = time.monotonic() - begin
                client.ask(api.targets(answers, 500, seed=7, collections=COLLECTIONS))
            return {
                "seconds": seconds,
                "document_bytes": len(document),
                "resident_before": before,
                "resident_after": memory.resident(server.pid),
                "resident_peak": memory.resident_peak(server.pid),
            }
        finally:
            server.stop()


def run(results: Path, program: Path) -> Findings:
    """Measures both, writes `import.json`, judges."""
    answers = api.Answers(bytes=200, backend_port=None)
    found = Findings()
    measured = {kind: measure(program, text, answers) for kind, text in documents(answers).items()}
    operations = len(api.resource_paths(answers, COLLECTIONS))
    for kind, one in measured.items():
        found.bar(f"{operations:,} operations as {kind}, imported and served", one["seconds"], BAR_SECONDS, "s")
        before, after, most = (one[f"resident_{when}"] / 1e6 for when in ("before", "after", "peak"))
        found.notes.append(
            f"{one['document_bytes'] / 1e6:.1f} MB of {kind}: {before:.0f} MB resident before, {after:.0f} MB after, "
            f"{most:.0f} MB at most"
        )
    write(results, "import", {"machine": machine().as_json(), "operations": operations, "measured": measured}, found)
    return found
