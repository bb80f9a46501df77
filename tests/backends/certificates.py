"""Certificates for backends, made with the openssl program: from an authority of the tests, good and bad ones."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
[ca]
default_ca = tests
[tests]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
"""


@dataclass(frozen=True)
class Authority:
    """An authority that lives in ``directory``; ``file`` is what a client must trust."""

    directory: Path

    @classmethod
    def made(cls, directory: Path, key_usage: str = "keyCertSign,cRLSign") -> Authority:
        """A new one; ``key_usage`` is what its own certificate says that its key is for."""
        directory.mkdir()
        (directory / "ca.cnf").write_text(_CONFIG)
        (directory / "index.txt").touch()
        authority = cls(directory)
        authority._openssl(
            *("req", "-x509", "-days", "30", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=test authority", "-addext", "basicConstraints=critical,CA:TRUE"),
            *("-addext", f"keyUsage=critical,{key_usage}"),
            *("-keyout", "ca.key", "-out", "ca.pem"),
        )
        return authority

    @property
    def file(self) -> Path:
        """Its certificate."""
        return self.directory / "ca.pem"

    def signs(
        self,
        label: str,
        names: str,
        begin: str = "20200101000000Z",
        end: str = "20900101000000Z",
        *,
        shows_root: bool = False,
    ) -> ssl.SSLContext:
        """A server with a certificate for ``names`` (as in subjectAltName), valid from ``begin`` to ``end``."""
        self._request(label, names)
        self._openssl(
            *("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext"),
            *("-startdate", begin, "-enddate", end, "-in", f"{label}.csr", "-out", f"{label}.pem"),
        )
        if shows_root:
            with (self.directory / f"{label}.pem").open("a") as chain:
                chain.write(self.file.read_text())
        return self._server(label)

    def self_signed(self, label: str, names: str) -> ssl.SSLContext:
        """A server whose certificate nobody else signed."""
        self._request(label, names)
        self._openssl(
            *("x509", "-req", "-days", "30", "-in", f"{label}.csr", "-signkey", f"{label}.key"),
            *("-copy_extensions", "copy", "-out", f"{label}.pem"),
        )
        return self._server(label)

    def _request(self, label: str, names: str) -> None:
        self._openssl(
            *("req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", f"/CN={label}", "-addext", f"subjectAltName={names}"),
            *("-keyout", f"{label}.key", "-out", f"{label}.csr"),
        )

    def _server(self, label: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.directory / f"{label}.pem", self.directory / f"{label}.key")
        return context

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self.directory, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
