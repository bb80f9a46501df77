"""Where mutants live: a copy of the tree, and a crate of the codec alone, which compiles in a second or two."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / "target" / "mutants"
TREE, CODEC, BUILD = PLACE / "tree", PLACE / "codec", PLACE / "build"
# A mutant that makes a test wait for ever is noticed too.
PATIENCE = 600
# Compiling takes longer than running.
_QUICK = {"CARGO_PROFILE_DEV_OPT_LEVEL": "0", "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_INCREMENTAL": "1"}
# What the codec uses; tests/repo holds it to that.
_CODEC = ("rust/src/http1/mod.rs", "rust/src/primitives/header_names.rs")
_USED = ("itoa", "memchr", "thiserror")
_USED_BY_TESTS = ("httparse", "proptest")


def prepare() -> None:
    """Copies what is in the working tree; unchanged files keep their times, so that little is compiled again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            _write(TREE / name, (ROOT / name).read_bytes())
    _write_codec()
    compiled = ROOT / "target" / "debug"
    if not BUILD.exists() and compiled.exists():
        ours = shutil.ignore_patterns("*apigw*", "fuzz-*", "routes-*")
        for name in ("deps", "build", ".fingerprint"):
            shutil.copytree(compiled / name, BUILD / "debug" / name, symlinks=True, ignore=ours)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_bytes() != content:
        file.write_bytes(content)


def _write_codec() -> None:
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))

    def table(names: tuple[str, ...], section: str) -> str:
        lines = []
        for name in names:
            wanted = manifest[section][name]
            version = wanted if isinstance(wanted, str) else wanted["version"]
            features = "" if isinstance(wanted, str) else ', default-features = false, features = ["std"]'
            lines.append(f'{name} = {{ version = "{version}"{features} }}')
        return f"[{section}]\n" + "\n".join(lines)

    parts = [
        '[workspace]\n[package]\nname = "codec"\nedition = "2024"\n[profile.dev]\ndebug = false\n',
        table(_USED, "dependencies"),
        table(_USED_BY_TESTS, "dev-dependencies"),
    ]
    _write(CODEC / "Cargo.toml", "\n".join([*parts, ""]).encode())
    if not (CODEC / "Cargo.lock").exists():
        shutil.copyfile(ROOT / "Cargo.lock", CODEC / "Cargo.lock")
    http1, names = (TREE / name for name in _CODEC)
    source = f'#![allow(warnings)]\n#[path = "{http1}"]\npub mod http1;\npub mod primitives {{\n    #[path = "{names}"]\n    pub mod header_names;\n}}\n'
    _write(CODEC / "src" / "lib.rs", source.encode())


def where(test: str) -> str:
    """Which crate and target a test is run in."""
    return "codec" if test.startswith("http1::") else "fuzz" if test.startswith("fuzz::") else "lib"


def run(tests: list[str]) -> tuple[int, str]:
    """Runs these tests, the fast ones first and up to the first red one; gives how many passed, and what was said."""
    passed, said = 0, ""
    for place in ("codec", "lib", "fuzz"):
        names = [test.removeprefix("fuzz::") for test in tests if where(test) == place]
        if not names:
            continue
        target = ["--test", "fuzz"] if place == "fuzz" else ["--lib"]
        package = ["--locked", "-p", "apigw-engine"] if place != "codec" else []
        command = ["cargo", "test", "--quiet", *package, *target, "--target-dir", str(BUILD), "--", "--exact", *names]
        try:
            done = subprocess.run(
                command,
                cwd=CODEC if place == "codec" else TREE,
                env=os.environ | _QUICK,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return passed, "test result: FAILED. it did not end"
        said += done.stdout + done.stderr
        passed += sum(int(count) for count in re.findall(r"test result: \w+\. (\d+) passed", done.stdout))
        if done.returncode != 0:
            break
    return passed, said
