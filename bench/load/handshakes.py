"""Makes TLS 1.3 handshakes with a server on loopback and counts them.

`handshakes.py PORT full|resumed SECONDS HOST TARGET`. One at a time: what a handshake costs the server is measured, not
how many there can be. A handshake that is not of the wanted kind is an error. The last line is `summary {json}`.
"""

import json
import socket
import ssl
import sys
import time


def context() -> ssl.SSLContext:
    """A client that takes any certificate: checking it is the client's cost."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.set_alpn_protocols(["http/1.1"])
    return made


def connect(port: int, tls: ssl.SSLContext, session: ssl.SSLSession | None) -> ssl.SSLSocket:
    """A connection whose handshake is done."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls.wrap_socket(plain, server_hostname="localhost", session=session)


def end(connection: ssl.SSLSocket) -> None:
    """Closes in order: with bytes unread (tickets) a close would be a reset."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65_536):
        pass
    connection.close()


def ticket(port: int, tls: ssl.SSLContext, host: str, target: str) -> ssl.SSLSession:
    """A session to resume: its ticket comes after the handshake and is seen when something is read."""
    with connect(port, tls, None) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while got := connection.recv(65_536):
            answer += got
        session = connection.session
    if not answer.startswith(b"HTTP/1.1 200 ") or session is None:
        raise SystemExit(f"no session: {answer[:200]!r}")
    return session


def main() -> None:
    """Counts for so many seconds."""
    port, kind, seconds, host, target = sys.argv[1:]
    tls = context()
    session = ticket(int(port), tls, host, target) if kind == "resumed" else None
    made = wrong = 0
    begin = time.monotonic()
    while time.monotonic() - begin < float(seconds):
        connection = connect(int(port), tls, session)
        wrong += connection.session_reused is not (kind == "resumed")
        end(connection)
        made += 1
    took = round((time.monotonic() - begin) * 1e6)
    counts = {"requests": made, "microseconds": took, "bytes": 0, "bad_status": wrong, "bad_body": 0}
    print("summary " + json.dumps({**counts, "socket_errors": 0}))


if __name__ == "__main__":
    main()
