"""The program itself: Python, the engine, and the certificate authorities that backends are checked against."""

from __future__ import annotations

import importlib.metadata
import platform
import ssl
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from apigw.config import Settings
from apigw.doctor.finding import Finding, failure, ok, warning

_OLDEST = (3, 11)
# Where systems keep their trusted authorities; the engine looks there too.
_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_BEGIN = b"-----BEGIN CERTIFICATE-----"


def examine(settings: Settings | None, environment: Mapping[str, str], engine: str) -> Iterator[Finding]:
    """All checks; ``engine`` is the version of the compiled part."""
    yield python(sys.version_info[:3], sys.implementation.name, sys.platform)
    yield versions(importlib.metadata.version("apigw"), engine)
    yield trust_store(environment)
    if settings is not None and settings.ca_file is not None:
        yield ca_file(settings.ca_file, datetime.now(UTC).timestamp())


def python(version: tuple[int, int, int], implementation: str, system: str) -> Finding:
    """CPython of a version and on a system that we are tested with."""
    shown = f"{platform.python_implementation()} {'.'.join(map(str, version))} on {system}"
    if version < _OLDEST or implementation != "cpython":
        return failure("python", shown, "use CPython 3.11 or newer")
    if system != "linux":
        return warning("python", shown, "fine for development; run production on Linux")
    return ok("python", shown)


def versions(package: str, engine: str) -> Finding:
    """Both halves of the same build."""
    if package != engine:
        return failure("engine", f"apigw is {package}, its engine {engine}", "install apigw again (make build)")
    return ok("engine", f"apigw {package}, engine {engine}")


def trust_store(environment: Mapping[str, str]) -> Finding:
    """Are there authorities to check HTTPS backends with?"""
    named = [Path(environment[name]) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environment.get(name)]
    defaults = ssl.get_default_verify_paths()
    places = named or [Path(each) for each in (*_FILES, defaults.cafile, defaults.capath) if each]
    for place in places:
        if count := _certificates(place):
            return ok("trust store", f"{count} authorities in {place}")
    if sys.platform == "darwin" and not named:
        return ok("trust store", "the system's keychain")
    return warning(
        "trust store",
        f"no certificate authority in {', '.join(map(str, named))}" if named else "no certificate authority found",
        "install ca-certificates, or name a PEM file in ca_file: HTTPS backends cannot be verified",
    )


def _certificates(place: Path) -> int:
    try:
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        return sum(file.read_bytes().count(_BEGIN) for file in files if file.is_file())
    except OSError:
        return 0


def ca_file(path: Path, now: float) -> Finding:
    """The authorities of the setting ``ca_file``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    advice = "name a PEM file with certificates in ca_file"
    try:
        context.load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one
        return failure("ca_file", f"{path}: {error.strerror or error}", advice)
    found = context.get_ca_certs()
    ends = [ssl.cert_time_to_seconds(str(each["notAfter"])) for each in found if "notAfter" in each]
    if not found:
        return failure("ca_file", f"{path} holds no certificate authority", advice)
    if expired := sum(end < now for end in ends):
        return warning("ca_file", f"{expired} of {len(found)} in {path} have expired", "replace the file")
    return ok("ca_file", f"{len(found)} in {path}")
