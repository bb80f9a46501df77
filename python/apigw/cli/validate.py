"""``apigw validate``: what an import would say about a document, without a gateway."""

from __future__ import annotations

from pathlib import Path

import click

from apigw import documents
from apigw.cli import options
from apigw.cli.output import complain, json_result, result, warn
from apigw.cli.progress import progress


@click.command()
@options.file
@options.as_json
def command(file: Path, as_json: bool) -> None:
    """Check an OpenAPI FILE; exit code 1 when it cannot be imported."""
    from apigw.control.openapi.check import check
    from apigw.documents.problems import place
    from apigw.engine import Engine

    document = documents.from_file(file)
    with progress() as step:
        step(f"checking {file}")
        report = check(document.text, Engine.yaml_to_json, Engine.check)
    if as_json:
        json_result(
            {
                "file": str(file),
                "valid": not report.errors,
                **{
                    kind: [place(document, each).shown() for each in found]
                    for kind, found in (("errors", report.errors), ("warnings", report.warnings))
                },
            }
        )
    else:
        for each in report.warnings:
            warn(place(document, each).text)
        for each in report.errors:
            complain(place(document, each).text)
        if not report.errors:
            result(f"{file} can be imported")
    if report.errors:
        raise SystemExit(1)
