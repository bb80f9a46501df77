"""What is wrong with a document, with file, line, column and JSON path.

The pass that knows lines is slow and made only when there is something to say.
"""

from __future__ import annotations

from apigw.admin_api import AdminError
from apigw.control.openapi.check import check
from apigw.control.openapi.findings import Finding
from apigw.control.openapi.read import YamlToJson
from apigw.control.operation import CheckText
from apigw.documents import Document, DocumentError, Problem


def explain(document: Document, error: AdminError, yaml_to_json: YamlToJson, check_text: CheckText) -> DocumentError:
    """The refusal of a document as a list of its problems with their places."""
    found = check(document.text, yaml_to_json, check_text).errors if error.status == 400 else []
    problems = tuple(place(document, each) for each in found)
    if not problems:
        return DocumentError(f"{document.name}: {error}")
    return DocumentError("\n".join([f"{document.name} was refused:", *(each.text for each in problems)]), problems)


def place(document: Document, finding: Finding) -> Problem:
    """One finding with its place; its text is ``file:line:column: message (at path)``."""
    line, column = (finding.line, finding.column) if document.has_lines else (None, None)
    where = document.name if line is None else f"{document.name}:{line}:{column}"
    return Problem(document.name, finding.message, finding.path, line, column, f"{where}: {finding}")
