"""nginx, HAProxy and Varnish with the configurations published beside this file."""

import os
from collections.abc import Mapping
from pathlib import Path

from bench import api
from bench.certificate import Certificate
from bench.contenders.process import Server, free_port, start
from bench.logged import Logged

HERE = Path(__file__).parent

# One buffer that holds a whole 64 KB answer: nginx then reads it in a few calls and sends it in one.
NGINX_BUFFERS = "proxy_buffer_size 128k; proxy_buffers 4 128k; proxy_busy_buffers_size 256k;"
# Longer ones are passed on as they come: 20 % cheaper than with any buffers tried, as nothing goes through a file.
NGINX_UNBUFFERED = f"proxy_buffering off; {NGINX_BUFFERS}"
# Larger buffers made HAProxy slower with 64 KB answers (measured 16 to 128 KB); splicing made it faster.
HAPROXY_LARGE = "    option splice-response\n"
# What the gateway does too: TLS 1.3 on one group, sessions resumed from tickets, HTTP/2 for those who want it.
NGINX_TLS = "ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.3; ssl_ecdh_curve X25519;"
HAPROXY_TLS = " ssl crt {both} curves X25519 ssl-min-ver TLSv1.3 alpn h2,http/1.1"


# The index holds ten times the answers; metadata of open files is kept, as people do who serve from the page cache.
NGINX_CACHE = (
    "proxy_cache_path {directory}/cache keys_zone=bench:64m max_size=2g inactive=2h use_temp_path=off; "
    "sendfile on; tcp_nopush on; "
    "open_file_cache max=20000 inactive=1h; open_file_cache_valid 1h;"
)
NGINX_CACHED = (
    "proxy_cache bench; proxy_cache_key $request_uri; proxy_cache_valid 200 1h; proxy_cache_lock on; "
    "proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;"
)


def fill(template: Path, target: Path, words: Mapping[str, object]) -> Path:
    """Writes ``template`` with each `@WORD@` replaced to ``target``."""
    text = template.read_text()
    for word, value in words.items():
        text = text.replace(f"@{word}@", str(value))
    target.write_text(text)
    return target


def nginx(directory: Path, core: int | None, answers: api.Answers, tls: Certificate | None) -> Server:
    """nginx with one worker, as a proxy or answering by itself."""
    port = free_port()
    if answers.backend_port is None:
        location = f"        location / {{ return 200 '{api.body(answers.bytes)}'; }}"
    else:
        sizes = ((65_536, NGINX_UNBUFFERED), (4_096, NGINX_BUFFERS), (0, ""))
        buffers = next(words for size, words in sizes if answers.bytes > size)
        kept = NGINX_CACHED if answers.cached else ""
        # What is kept has to be read to its end.
        location = f"        location / {{ proxy_pass http://backend; {NGINX_BUFFERS if kept else buffers} {kept} }}"
    words: dict[str, object] = {
        "DIR": directory,
        # The answers that are kept lie in our own directory.
        "USER": "user root;" if os.geteuid() == 0 else "",
        "PORT": port,
        "BACKEND": answers.backend_port or 9,
        "LOCATION": location,
        "CACHE": NGINX_CACHE.format(directory=directory) if answers.cached else "",
        "LISTEN": "ssl http2" if tls else "",
        "TLS": NGINX_TLS.format(chain=tls.chain, key=tls.key) if tls else "",
    }
    configuration = fill(HERE / "nginx.conf", directory / "nginx.conf", words)
    command: list[str | Path] = ["nginx", "-c", configuration, "-e", directory / "error.log"]
    server = start(command, port=port, core=core, output=directory / "nginx.out")
    server.logged, server.secure = Logged(directory / "access.log"), tls is not None
    return server


def haproxy(directory: Path, core: int | None, answers: api.Answers, tls: Certificate | None) -> Server:
    """HAProxy with one thread, as a proxy or answering by itself."""
    port = free_port()
    if answers.backend_port is None:
        text = api.body(answers.bytes).replace('"', '\\"')
        route = f'    http-request return status 200 content-type application/json string "{text}"'
    else:
        route = (HAPROXY_LARGE if answers.bytes > 4096 else "") + "    default_backend origin"
    words: dict[str, object] = {
        "PORT": port,
        "BACKEND": answers.backend_port or 9,
        "ROUTE": route,
        "TLS": HAPROXY_TLS.format(both=tls.both) if tls else "",
    }
    configuration = fill(HERE / "haproxy.cfg", directory / "haproxy.cfg", words)
    log = directory / "haproxy.out"
    server = start(["haproxy", "-db", "-f", configuration], port=port, core=core, output=log)
    server.logged, server.secure = Logged(log), tls is not None
    return server


def varnish(directory: Path, core: int | None, answers: api.Answers) -> Server:
    """Varnish with one pool of threads and its answers in memory; its log is the shared one that it always writes."""
    port = free_port()
    program = fill(HERE / "varnish.vcl", directory / "varnish.vcl", {"BACKEND": answers.backend_port or 9})
    tuned = {"thread_pools": 1, "thread_pool_min": 100, "timeout_idle": 310, "workspace_client": "96k"}
    command: list[str | Path] = ["varnishd", "-F", "-n", directory / "varnish", "-a", f"127.0.0.1:{port}"]
    command += ["-f", program, "-s", "default,1g", "-T", "none", "-j", "none"]
    for name, value in tuned.items():
        command += ["-p", f"{name}={value}"]
    return start(command, port=port, core=core, output=directory / "varnish.out")
