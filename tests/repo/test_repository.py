"""The repository's own rules: sizes, openings, layers, secrets, locks, licences and lists that must agree."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import compatibility

SOURCES = {".rs", ".py", ".pyi", ".sh", ".lua", ".c"}
LONGEST = 600
# Tables of facts may be long.
MAY_BE_LONG: set[str] = set()
LICENCES = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}
# Two versions of one crate in what is shipped, each with its reason.
MAY_BE_TWICE: dict[str, str] = {"syn": "while compiling only: asn1-rs has macros of version 2, serde of version 3"}


@cache
def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [path for path in tracked() if path.suffix in SOURCES]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_test(path: Path) -> bool:
    """Tests may be long, as tables are."""
    return (
        short(path).startswith(("tests/", "rust/src/journeys/")) or path.stem == "tests" or path.stem.endswith("_tests")
    )


def test_no_file_is_too_long() -> None:
    long = {
        short(path): count
        for path in sources()
        if (count := text(path).count("\n")) > LONGEST and short(path) not in MAY_BE_LONG and not is_test(path)
    }
    assert not long, f"split these (over {LONGEST} lines): {long}"


def test_every_source_opens_by_saying_what_it_is() -> None:
    openings = {
        ".rs": ("//!",),
        ".py": ('"""', "#"),
        ".pyi": ('"""',),
        ".sh": ("#",),
        ".lua": ("--",),
        ".c": ("//", "/*"),
    }
    silent = [
        short(path)
        for path in sources()
        if text(path).strip() and not text(path).lstrip().startswith(openings[path.suffix])
    ]
    assert not silent, f"these files do not open with a comment: {silent}"


def test_rust_layers() -> None:
    """primitives and http1 import nothing else of ours, but http1 may use primitives::header_names."""
    wrong = []
    for path in sources():
        name = short(path)
        for number, line in enumerate(text(path).splitlines(), 1):
            if line.lstrip().startswith("//"):
                continue
            for module in re.findall(r"\bcrate::(\{[^}]*\}|[a-z0-9_]+(?:::[a-z0-9_]+)?)", line):
                if name.startswith("rust/src/primitives/") and not module.startswith("primitives"):
                    wrong.append(f"{name}:{number} {module}")
                if (
                    name.startswith("rust/src/http1/")
                    and not module.startswith("http1")
                    and module != "primitives::header_names"
                ):
                    wrong.append(f"{name}:{number} {module}")
    assert not wrong


def test_phases_take_no_locks() -> None:
    phases = ("rust/src/inbound/", "rust/src/integration/", "rust/src/outbound/", "rust/src/http1/")
    assert not [short(path) for path in sources() if short(path).startswith(phases) and "Mutex" in text(path)]


def test_only_the_extension_crate_says_pyo3() -> None:
    wrong = [
        short(path)
        for path in sources()
        if path.suffix == ".rs" and "pyo3::" in text(path) and "rust/python/" not in short(path)
    ]
    assert not wrong
    assert "pyo3" not in tomllib.loads(text(ROOT / "Cargo.toml"))["dependencies"]


def test_only_engine_py_imports_the_extension() -> None:
    wrong = [
        short(path)
        for path in sources()
        if path.suffix == ".py"
        and short(path) != "python/apigw/engine.py"
        and re.search(
            r"^\s*(from apigw\._engine|import apigw\._engine|from apigw import .*_engine)", text(path), re.MULTILINE
        )
    ]
    assert not wrong


# Written in halves, so that this file does not find itself.
_FORBIDDEN = {
    "a machine's path": r"/(?:root|home/[a-z]+|work|Users/[A-Za-z]+)/(?!apigw-ci)[a-z.]",
    "a registry's host": "|".join(
        [
            "pypi" + r"\.org",
            "files\\.python" + "hosted",
            "crates" + r"\.io/api",
            "registry\\.np" + "mjs",
            "proxy\\.gol" + "ang",
        ]
    ),
    "an access key": r"\bA(?:KIA|SIA)[A-Z0-9]{16}\b",
    "a private key": "BEGIN (?:RSA |EC |OPENSSH )?PRIVATE" + " KEY",
    "unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b(?!\(#\d+\))",
}
# AWS's own examples are no secrets.
_EXAMPLES = re.compile("AKIAIOSFODNN7" + "EXAMPLE|AKIDEXAMPLE")


@pytest.mark.parametrize("what", _FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(_FORBIDDEN[what])
    found = []
    for path in tracked():
        try:
            content = _EXAMPLES.sub("", text(path))
        except UnicodeDecodeError:
            continue
        found += [f"{short(path)}: {match[0]}" for match in pattern.finditer(content)]
    # The lock names crates.io's index as the source of every crate; that is its format, not a host we chose.
    assert not [each for each in found if not each.startswith("Cargo.lock")], f"{what} in tracked files"


def test_requirements_are_locked_with_hashes() -> None:
    for name in ("runtime", "build", "test", "load"):
        lines = text(ROOT / f"requirements/{name}.txt").splitlines()
        assert not [line for line in lines if line.startswith("-") or "://" in line], "no index, no address"
        joined = "\n".join(lines).replace("\\\n", "")
        for line in joined.splitlines():
            if line and not line.startswith("#"):
                assert "==" in line, line
                assert "--hash=sha256:" in line, line


def test_locks_agree_with_each_other() -> None:
    seen: dict[str, str] = {}
    for name in ("runtime", "build", "test", "load"):
        for package, version in re.findall(
            r"^([a-z0-9._-]+)==(\S+)", text(ROOT / f"requirements/{name}.txt"), re.MULTILINE
        ):
            assert seen.setdefault(package, version) == version, package


def test_runtime_requirements_are_those_of_the_project() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["dependencies"]
    asked = [line for line in text(ROOT / "requirements/runtime.in").splitlines() if line and not line.startswith("#")]
    assert sorted(project) == sorted(asked)


@cache
def crates() -> set[tuple[str, str, str]]:
    """Name, version and licence of what is shipped or runs while building, here; no development dependencies."""
    tree = subprocess.run(
        [
            "cargo",
            "tree",
            "--locked",
            "--workspace",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}|{l}",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    found = set()
    for line in filter(None, tree.stdout.splitlines()):
        package, _, licence = line.removesuffix(" (*)").partition("|")
        name, version = package.split()[:2]
        found.add((name, version, licence))
    return found


def test_licences_are_permissive() -> None:
    wrong = []
    for name, _, licence in crates():
        expression = licence.replace("/", " OR ")
        choices = [re.split(r"\s+AND\s+", choice.strip(" ()")) for choice in re.split(r"\s+OR\s+", _flat(expression))]
        if not any(all(part.strip(" ()") in LICENCES for part in choice) for choice in choices):
            wrong.append(f"{name} {licence}")
    assert not wrong


def _flat(expression: str) -> str:
    """``A AND (B OR C)`` as alternatives; enough for what crates write."""
    match = re.fullmatch(r"(.*)\s+AND\s+\((.*)\)|\((.*)\)\s+AND\s+(.*)", expression)
    if match is None:
        return expression
    fixed, group = (match[1], match[2]) if match[1] else (match[4], match[3])
    return " OR ".join(f"{each} AND {fixed}" for each in re.split(r"\s+OR\s+", group))


def test_no_crate_is_there_twice() -> None:
    counts = Counter(name for name, _, _ in crates())
    twice = {name for name, count in counts.items() if count > 1}
    assert twice == set(MAY_BE_TWICE)


def test_architecture_lists_the_tree() -> None:
    """Every directory with sources is named in ARCHITECTURE.md's tree, and nothing else is."""
    tree = re.search(r"## The tree.*?```\n(.*?)```", text(ROOT / "ARCHITECTURE.md"), re.DOTALL)
    assert tree, "ARCHITECTURE.md has a section 'The tree' with a block"
    listed = {line.split()[0].rstrip("/") for line in tree[1].splitlines() if line.strip() and not line.startswith(" ")}
    there = {short(path.parent) for path in tracked() if path.suffix in SOURCES and short(path.parent) != "."}
    # Folders below tests/unit are those of python/apigw.
    there = {each for each in there if not each.startswith("tests/unit/")}
    missing, gone = there - listed, {each for each in listed if not (ROOT / each).exists()}
    assert not missing, f"not in the tree of ARCHITECTURE.md: {sorted(missing)}"
    assert not gone, f"in the tree of ARCHITECTURE.md and not here: {sorted(gone)}"


def test_the_image_is_built_by_the_makefile() -> None:
    docker, makefile = text(ROOT / "Dockerfile"), text(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert (asked := set(re.findall(r"(?:RUN|&&) make ([a-z-]+)", docker)))
    assert asked <= targets
    rust = tomllib.loads(text(ROOT / "Cargo.toml"))["workspace"]["package"]["rust-version"]
    assert f"FROM rust:{rust}-" in docker
    assert re.search(r"^USER (?!root|0$)", docker, re.MULTILINE)


def test_documents_name_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md", "docs/deploy.md", ".ci/run"):
        assert set(re.findall(r"`?make ([a-z-]+)\b", text(ROOT / name))) <= targets | {"sure", "it"}, name


def test_settings_are_documented() -> None:
    from apigw.config import SETTINGS

    listed = re.findall(r"^\| `([a-z_.]+)` ", text(ROOT / "docs/settings.md"), re.MULTILINE)
    assert listed == list(SETTINGS)


def test_commands_are_documented() -> None:
    from apigw.cli.main import COMMANDS

    readme = text(ROOT / "README.md")
    assert not [name for name in COMMANDS if f"`apigw {name}" not in readme]


def test_every_page_is_found_from_the_readme() -> None:
    readme = text(ROOT / "README.md")
    pages = [short(path) for path in tracked() if short(path).startswith("docs/") and path.suffix == ".md"]
    assert not [page for page in pages if f"({page})" not in readme]


def test_links_between_pages_lead_somewhere() -> None:
    gone = [
        f"{short(page)}: {target}"
        for page in tracked()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(page))
        if not (page.parent / target).exists()
    ]
    assert not gone


def test_the_compatibility_page_is_what_the_tests_say() -> None:
    assert compatibility.PAGE.read_text(encoding="utf-8") == compatibility.page(), "python -m tools.compatibility"
