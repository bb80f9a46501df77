"""nginx between a client and a backend: what it passes on is how it read what it was given, in either direction."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.backends.recording import Backend
from tests.framing.oracles import Inputs, Read
from tests.framing.wire import Peer

_CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off; keepalive_timeout 5s; large_client_header_buffers 8 64k; client_max_body_size 0; ignore_invalid_headers off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{backend}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_ignore_client_abort on; proxy_buffers 8 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k; }}
    }}
}}
"""


class Nginx:
    """A running nginx in front of ``backend``."""

    def __init__(self, port: int, backend: Backend) -> None:
        self.port, self.backend = port, backend

    def __call__(self, kind: str, inputs: Inputs) -> list[Read]:
        """An oracle; see the package."""
        return [self._requests(said) if kind == "requests" else self._answer(method, said) for method, said in inputs]

    def _requests(self, said: bytes) -> Read:
        self.backend.requests.clear()
        with Peer(self.port) as peer:
            peer.say(said)
            peer.end()
            while peer._more():
                pass
            answers = peer.buffer
        refused = None if b"HTTP/1.1 4" not in answers and b"HTTP/1.1 5" not in answers else "refused"
        return Read([(each.method, each.target, each.body) for each in self.backend.requests], refused)

    def _answer(self, method: str, said: bytes) -> Read:
        self.backend.raw["said"] = said
        with Peer(self.port) as peer:
            peer.say(f"{method} /raw/said HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            answer = peer.answer(to_head=method == "HEAD")
        assert answer is not None
        return Read([(str(answer.status), "", answer.body)])


@contextmanager
def running(program: str, folder: Path, port: int) -> Iterator[Nginx]:
    """nginx on ``port`` with a backend that records."""
    with Backend() as backend:
        configuration = folder / "nginx.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, backend=backend.port))
        process = subprocess.Popen([program, "-p", str(folder), "-c", str(configuration)], stderr=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
            assert process.poll() is None, (folder / "error.log").read_text()
            yield Nginx(port, backend)
        finally:
            process.terminate()
            process.wait(20)
