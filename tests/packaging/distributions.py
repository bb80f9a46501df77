"""What a wheel and a source distribution must hold, and how the tests build them."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.conftest import ROOT
from tools.crate_licences import crates

LICENCES = "apigw/third_party_licences.txt"
MODELS = {"apigw/aws/models/apigateway-2015-07-09.json", "apigw/aws/models/apigatewayv2-2018-11-29.json"}


def build(kind: str, directory: Path, source: Path = ROOT, **environment: str) -> Path:
    """A ``wheel`` or an ``sdist`` of a source tree, by its own build backend, with the tools of this environment."""
    script = f"import build_backend, sys; print(build_backend.build_{kind}(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", script, directory],
        cwd=source,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(source / "tools"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return directory / done.stdout.splitlines()[-1]


def sources() -> set[str]:
    """The package's modules, as a wheel holds them."""
    package = ROOT / "python"
    return {path.relative_to(package).as_posix() for path in package.rglob("*.py")}


def check_wheel(wheel: Path) -> None:
    """Everything it needs and nothing else: modules, types, models, licences, commands, the plug-in; no tests, no bench."""
    assert re.fullmatch(r"apigw-[\d.]+-cp311-abi3-\w+\.whl", wheel.name), wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
        points = archive.read(f"{info}/entry_points.txt").decode()
        notice = archive.read(f"{info}/licenses/NOTICE").decode()
        licences = archive.read(LICENCES).decode()
    ours = {name for name in names if not name.startswith(f"{info}/")}
    assert ours == sources() | MODELS | {"apigw/_engine.abi3.so", "apigw/_engine.pyi", "apigw/py.typed", LICENCES}
    silent = [name for name, version in crates() if f"\n{name} {version}: " not in licences]
    assert not silent, f"no licence of these crates: {silent}"
    assert licences.count("Copyright") > len(crates()) / 2
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= names
    assert "botocore" in notice
    assert "apigw=apigw.cli:main" in points
    assert "apigw=apigw.pytest_plugin" in points
    assert metadata["License-Expression"] == "Apache-2.0"
    needed = {re.split(r"[<>=~ ]", line)[0] for line in metadata.get_all("Requires-Dist", [])}
    assert needed == {"click", "httpx", "msgspec", "orjson", "rich", "uvloop"}


def check_sdist(sdist: Path) -> None:
    """All that a build needs, the models included, so that it needs no botocore; nothing that was built."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"Cargo.lock", "Cargo.toml", "LICENSE", "NOTICE", "README.md", "pyproject.toml", "requirements/build.in"}
    needed |= {
        "tools/build_backend.py",
        "tools/crate_licences.py",
        "tools/service_models.py",
        "rust/src/lib.rs",
        "rust/python/src/lib.rs",
    }
    assert needed | {f"python/{name}" for name in sources() | MODELS} <= names
    assert not [
        name for name in names if name.endswith((".so", ".pyc", ".db")) or name.startswith(("target/", ".venv/"))
    ]


def unpack(sdist: Path, directory: Path) -> Path:
    """The tree of a source distribution."""
    with tarfile.open(sdist) as archive:
        archive.extractall(directory, filter="data")
    (tree,) = directory.iterdir()
    return tree
