"""The two C programs of the bench, compiled on first use: the backend and the byte copier."""

import subprocess
from pathlib import Path

from bench.contenders.process import Server, free_port, start

HERE = Path(__file__).parent
BUILD = HERE.parent / ".build"


def compiled(name: str) -> Path:
    """The program ``name`` built from ``name.c``, again when a source is newer."""
    sources = [HERE / f"{name}.c", HERE / "loopback.h"]
    program = BUILD / name
    if not program.exists() or any(source.stat().st_mtime > program.stat().st_mtime for source in sources):
        BUILD.mkdir(exist_ok=True)
        subprocess.run(["cc", "-O2", "-std=c11", "-Wall", "-Wextra", "-o", program, sources[0]], check=True)
    return program


def backend(directory: Path, core: int | None) -> Server:
    """Answers `/b/{bytes}…` with JSON of that size."""
    port = free_port()
    return start([compiled("backend"), str(port)], port=port, core=core, output=directory / "backend.out")


def floor(directory: Path, core: int | None, backend_port: int) -> Server:
    """Copies bytes to and from the backend."""
    port = free_port()
    command: list[str | Path] = [compiled("floor"), str(port), str(backend_port)]
    return start(command, port=port, core=core, output=directory / "floor.out")
