"""One certificate for every contender that speaks TLS: ECDSA on P-256, signed by itself, made for one run."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """PEM files."""

    chain: Path
    key: Path
    both: Path
    """The two in one file, as HAProxy wants them."""


def make(directory: Path) -> Certificate:
    """Makes a certificate in ``directory``."""
    made = Certificate(directory / "chain.pem", directory / "key.pem", directory / "both.pem")
    command: list[str | Path] = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "30", "-subj", "/CN=bench", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", made.key, "-out", made.chain], check=True, capture_output=True)
    made.both.write_text(made.chain.read_text() + made.key.read_text())
    return made
