"""Runs templates through Apache Velocity 1.7, json-path 2.9 and json-smart, and keeps what they give.

``make velocity`` fetches the jars (their SHA-256 is checked), compiles the Java beside this file, compares the results
in ``tests/golden/velocity`` with what Velocity gives now, and writes ``fresh.jsonl`` beside them (ignored by git) from
seeds of its own, which ``cargo test reference_tests`` then reads too. ``--write`` writes the committed results anew.
Needs Java 17 and Maven.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .bodies import BODIES
from .cases import CASES, EXPLAINED
from .generate import Grammar

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = HERE / ".build"
RESULTS = ROOT / "tests" / "golden" / "velocity"
#: Templates of the grammar among the committed results.
COMMITTED = 2200
#: Failures inside Velocity (an empty #literal) and json-smart (a null key) that nobody means.
INTERNAL = ('because "t" is null', "java.util.Map$Entry.getKey()")
JARS = {
    "accessors-smart-2.5.0.jar": "12314fc6881d66a413fd66370787adba16e504fbf7e138690b0f3952e3fbd321",
    "asm-9.3.jar": "1263369b59e29c943918de11d6d6152e2ec6085ce63e5710516f8c67d368e4bc",
    "commons-collections-3.2.1.jar": "87363a4c94eaabeefd8b930cb059f66b64c9f7d632862f23de3012da7660047b",
    "commons-lang-2.4.jar": "2c73b940c91250bc98346926270f13a6a10bb6e29d2c9316a70d134e382c873e",
    "json-path-2.9.0.jar": "11a9ee6f88bb31f1450108d1cf6441377dec84aca075eb6bb2343be157575bea",
    "json-smart-2.5.0.jar": "432b9e545848c4141b80717b26e367f83bf33f19250a228ce75da6e967da2bc7",
    "slf4j-api-2.0.11.jar": "ce0e71d673acb9036bb55d0244b261cf033f8e4c1245f14f931dfb1937dd4c95",
    "velocity-1.7.jar": "ec92dae810034f4b46dbb16ef4364a4013b0efb24a8c5dd67435cae46a290d8e",
}
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>apigw</groupId><artifactId>velocity-reference</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.velocity</groupId><artifactId>velocity</artifactId><version>1.7</version></dependency>
<dependency><groupId>com.jayway.jsonpath</groupId><artifactId>json-path</artifactId><version>2.9.0</version></dependency>
</dependencies></project>
"""


def fetch() -> Path:
    """The folder with the jars, each of which is the one expected."""
    jars = BUILD / "jars"
    if not jars.exists():
        BUILD.mkdir(exist_ok=True)
        (BUILD / "pom.xml").write_text(POM, encoding="utf-8")
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        subprocess.run(command, cwd=BUILD, check=True)
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.glob("*.jar")}
    if found != JARS:
        raise SystemExit(
            f"the jars in {jars} are not the ones expected: {sorted(set(found.items()) ^ set(JARS.items()))}"
        )
    return jars


def compiled(jars: Path) -> str:
    """The class path of the program in Java."""
    classes = BUILD / "classes"
    sources = [str(path) for path in sorted(HERE.glob("*.java"))]
    subprocess.run(["javac", "-cp", f"{jars}/*", "-d", str(classes), *sources], check=True)
    return f"{classes}:{jars}/*"


def rendered(class_path: str, cases: list[tuple[str, int]]) -> Iterator[str | None]:
    """For each template and body the text, ``!`` for an error, nothing for a failure of Velocity's own."""
    lines = "".join(json.dumps({"t": template, "b": BODIES[body]}) + "\n" for template, body in cases)
    command = ["java", "-XX:+UseSerialGC", "-XX:-OmitStackTraceInFastThrow", "-cp", class_path, "Oracle"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8", check=True)
    for line in done.stdout.splitlines():
        result = json.loads(line)
        internal = any(failure in result.get("m", "") for failure in INTERNAL)
        yield None if internal else result.get("r", "!")


def generated(seeds: Iterable[int]) -> list[tuple[str, int]]:
    """Templates of the grammar, two of three with the large body."""
    return [(Grammar(seed).template(), seed % len(BODIES) if seed % 3 == 0 else 0) for seed in seeds]


def results(class_path: str, cases: list[tuple[str, int]]) -> list[str]:
    """The lines of a file of results; cases that differ from run to run are left out."""
    lines = [json.dumps({"bodies": list(BODIES)}, ensure_ascii=False)]
    once, again = rendered(class_path, cases), rendered(class_path, cases)
    for (template, body), result, repeated in zip(cases, once, again, strict=True):
        # The text of an array has an address in it.
        if result is None or result != repeated or "[Ljava." in result:
            continue
        line: dict[str, object] = {"t": template, "b": body, "r": result}
        if (template, body) in EXPLAINED:
            line["why"], line["ours"] = EXPLAINED[template, body]
        lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    return lines


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the committed results anew")
    parser.add_argument("--cases", type=int, default=20_000, help="how many fresh templates")
    parser.add_argument("--seed", type=int, default=1_000_000, help="the first seed of the fresh templates")
    given = parser.parse_args()
    class_path = compiled(fetch())
    committed = RESULTS / "results.jsonl"
    text = "\n".join(results(class_path, [*CASES, *generated(range(COMMITTED))])) + "\n"
    if given.write:
        RESULTS.mkdir(exist_ok=True)
        committed.write_text(text, encoding="utf-8")
    elif committed.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{committed} is not what Velocity gives: run with --write and look at the difference")
    fresh = results(class_path, generated(range(given.seed, given.seed + given.cases)))
    (RESULTS / "fresh.jsonl").write_text("\n".join(fresh) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(text.splitlines()) - 1} committed and {len(fresh) - 1} fresh results\n")


if __name__ == "__main__":
    main()
