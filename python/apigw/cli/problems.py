"""What is wrong with a document, with file, line, column and JSON path.

The pass that knows lines is slow and made only when there is something to say.
"""

from __future__ import annotations

from pathlib import Path

from apigw.documents import AdminError, DocumentError


def explain(file: Path, text: bytes, error: AdminError) -> DocumentError:
    """The refusal of a document as a list of its problems with their places."""
    lines = problems(file, text) if error.status == 400 else []
    return DocumentError("\n".join([f"{file} was refused:", *lines]) if lines else f"{file}: {error}")


def problems(file: Path, text: bytes) -> list[str]:
    """All errors of a document, as ``file:line:column: message (at path)``."""
    from apigw.control.openapi.check import check
    from apigw.engine import Engine

    return [place(file, found) for found in check(text, Engine.yaml_to_json).errors]


def place(file: Path, finding: object) -> str:
    """One finding with its place, as editors understand it."""
    line, column = getattr(finding, "line", None), getattr(finding, "column", None)
    where = f"{file}:{line}:{column}" if line is not None else f"{file}"
    return f"{where}: {finding}"
