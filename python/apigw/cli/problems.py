"""What is wrong with a document, with file, line, column and JSON path.

The pass that knows lines is slow and made only when there is something to say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apigw.control.openapi.findings import Finding
from apigw.documents import AdminError, DocumentError


def explain(file: Path, text: bytes, error: AdminError) -> DocumentError:
    """The refusal of a document as a list of its problems with their places."""
    found = errors(text) if error.status == 400 else []
    if not found:
        return DocumentError(f"{file}: {error}")
    lines = [f"{file} was refused:", *(place(file, each) for each in found)]
    return DocumentError("\n".join(lines), [problem(each) for each in found])


def errors(text: bytes) -> list[Finding]:
    """All errors of a document."""
    from apigw.control.openapi.check import check
    from apigw.engine import Engine

    return check(text, Engine.yaml_to_json).errors


def place(file: Path, finding: Finding) -> str:
    """One finding with its place, as editors understand it."""
    where = f"{file}:{finding.line}:{finding.column}" if finding.line is not None else f"{file}"
    return f"{where}: {finding}"


def problem(finding: Finding) -> dict[str, Any]:
    """One finding for programs."""
    return {"message": finding.message, "path": finding.path, "line": finding.line, "column": finding.column}
