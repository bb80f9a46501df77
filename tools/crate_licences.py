"""Writes the licences of the Rust crates that are compiled into the extension: a wheel must carry their notices.

Called by the build backend for every wheel. It needs cargo and the crates' sources, as the build does; each text is
written once, below the names of all crates that come with it.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "python" / "apigw" / "third_party_licences.txt"
_MANIFEST = ROOT / "rust" / "python" / "Cargo.toml"
_NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE")
# C sources inside a crate, with licences of their own.
_DEEPEST = 4

_OPENING = """\
The extension of this wheel holds code of the following Rust crates, and of the Rust standard library (MIT OR
Apache-2.0, https://www.rust-lang.org). Their licences and notices follow; each text stands once, below the crates
that come with it.
"""


def crates() -> dict[tuple[str, str], str]:
    """Name and version → licence of each crate that is linked into the extension on this platform."""
    command = ["cargo", "tree", "--locked", "--manifest-path", str(_MANIFEST), "--edges", "normal", "--prefix", "none"]
    listed = subprocess.run([*command, "--format", "{p}|{l}"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {}
    for line in filter(None, listed.stdout.splitlines()):
        package, _, licence = line.removesuffix(" (*)").partition("|")
        name, version = package.split()[:2]
        if not name.startswith("apigw-"):
            found[name, version.removeprefix("v")] = licence
    return found


def _sources() -> dict[tuple[str, str], Path]:
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", str(_MANIFEST)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    packages = json.loads(answer.stdout)["packages"]
    return {(each["name"], each["version"]): Path(each["manifest_path"]).parent for each in packages}


def _texts(directory: Path) -> list[str]:
    files = [
        path
        for path in sorted(directory.rglob("*"))
        if path.name.upper().startswith(_NAMES)
        and path.suffix.lower() in ("", ".txt", ".md")
        and len(path.relative_to(directory).parts) <= _DEEPEST
        and path.is_file()
    ]
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]


def write_licences(target: Path = TARGET) -> Path:
    """Write ``target`` and return it."""
    linked, sources = crates(), _sources()
    holders: dict[str, list[str]] = {}
    for (name, version), _ in sorted(linked.items()):
        for text in dict.fromkeys(_texts(sources[name, version])):
            holders.setdefault(text, []).append(f"{name} {version}")
    lines = [_OPENING, *(f"{name} {version}: {licence}" for (name, version), licence in sorted(linked.items()))]
    for text, names in holders.items():
        lines += ["", "=" * 120, *names, "", text]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    print(write_licences())
