"""The certificate of the HTTPS listener: can it be read, is it valid, and for how long.

Its dates are read from its bytes: the standard library shows those of authorities only.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from apigw import data_dir
from apigw.config import Settings
from apigw.doctor.finding import Finding, failure, ok, warning

SOON: Final = timedelta(days=30)
_CHECK: Final = "certificate"
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_END: Final = "-----END CERTIFICATE-----"


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """One finding, where HTTPS is served with a certificate that is there; one that is not is made at the start."""
    own = settings.tls_certificate
    path = own or settings.data_dir / data_dir.CERTIFICATE
    if settings.listen_tls and (own is not None or path.exists()):
        yield judge(path, now, is_own=own is not None)


def judge(path: Path, now: datetime, *, is_own: bool) -> Finding:
    """Whether the first certificate of a chain is valid, and stays so for a while."""
    advice = "renew it, then send SIGHUP" if is_own else f"remove {path} and its key, and start anew: another is made"
    try:
        begins, ends = validity(path.read_text(encoding="ascii"))
    except (OSError, ValueError, IndexError):
        return failure(_CHECK, f"{path} is no certificate in PEM that can be read", "name one with tls_certificate")
    until = f"until {ends:%Y-%m-%d %H:%M} UTC"
    if now >= ends:
        return failure(_CHECK, f"{path} was valid {until}", advice)
    if now < begins:
        return failure(
            _CHECK, f"{path} is not valid before {begins:%Y-%m-%d %H:%M} UTC", "check the clock, or renew it"
        )
    if ends - now < SOON:
        return warning(_CHECK, f"{path} is valid {until} only", advice)
    return ok(_CHECK, f"{path} is valid {until}")


def validity(pem: str) -> tuple[datetime, datetime]:
    """When a PEM text's first certificate begins and ends to be valid; ``ValueError`` or ``IndexError`` if none is."""
    first = pem[: pem.index(_END) + len(_END)]
    der = ssl.PEM_cert_to_DER_cert(first[first.index("-----BEGIN CERTIFICATE-----") :])
    _, certificate, _ = _element(der, 0)
    _, signed, _ = _element(certificate, 0)
    at = 0
    # version (it may be absent), serial number, signature, issuer: then come the dates.
    skipped = 0
    while skipped < 3:
        tag, _, at = _element(signed, at)
        skipped += tag != _VERSION
    tag, dates, _ = _element(signed, at)
    if tag != _SEQUENCE:
        raise ValueError("no dates")
    begins, at = _time(dates, 0)
    ends, _ = _time(dates, at)
    return begins, ends


def _element(bytes_: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag and content of the DER element at ``at``, and where the next one is."""
    tag, length = bytes_[at], bytes_[at + 1]
    at += 2
    if length >= 0x80:
        size = length - 0x80
        length = int.from_bytes(bytes_[at : at + size], "big")
        at += size
    if at + length > len(bytes_):
        raise ValueError("it is cut")
    return tag, bytes_[at : at + length], at + length


def _time(bytes_: bytes, at: int) -> tuple[datetime, int]:
    tag, text, after = _element(bytes_, at)
    if tag == _UTC_TIME:
        # RFC 5280: two digits of a year are those of 1950 to 2049.
        text = (b"19" if text >= b"50" else b"20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("no time")
    return datetime.strptime(text.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC), after
