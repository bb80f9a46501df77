"""nginx and HAProxy with the configurations published beside this file."""

from collections.abc import Mapping
from pathlib import Path

from bench import api
from bench.contenders.process import Server, free_port, start
from bench.logged import Logged

HERE = Path(__file__).parent

# One buffer that holds a whole 64 KB answer: nginx then reads it in a few calls and sends it in one.
NGINX_BUFFERS = "proxy_buffer_size 128k; proxy_buffers 4 128k; proxy_busy_buffers_size 256k;"
# Larger buffers made HAProxy slower with 64 KB answers (measured 16 to 128 KB); splicing made it faster.
HAPROXY_LARGE = "    option splice-response\n"


def fill(template: Path, target: Path, words: Mapping[str, object]) -> Path:
    """Writes ``template`` with each `@WORD@` replaced to ``target``."""
    text = template.read_text()
    for word, value in words.items():
        text = text.replace(f"@{word}@", str(value))
    target.write_text(text)
    return target


def nginx(directory: Path, core: int | None, answers: api.Answers) -> Server:
    """nginx with one worker, as a proxy or answering by itself."""
    port = free_port()
    if answers.backend_port is None:
        location = f"        location / {{ return 200 '{api.body(answers.bytes)}'; }}"
    else:
        buffers = NGINX_BUFFERS if answers.bytes > 4096 else ""
        location = f"        location / {{ proxy_pass http://backend; {buffers} }}"
    words: dict[str, object] = {
        "DIR": directory,
        "PORT": port,
        "BACKEND": answers.backend_port or 9,
        "LOCATION": location,
    }
    configuration = fill(HERE / "nginx.conf", directory / "nginx.conf", words)
    command: list[str | Path] = ["nginx", "-c", configuration, "-e", directory / "error.log"]
    server = start(command, port=port, core=core, output=directory / "nginx.out")
    server.logged = Logged(directory / "access.log")
    return server


def haproxy(directory: Path, core: int | None, answers: api.Answers) -> Server:
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
    }
    configuration = fill(HERE / "haproxy.cfg", directory / "haproxy.cfg", words)
    log = directory / "haproxy.out"
    server = start(["haproxy", "-db", "-f", configuration], port=port, core=core, output=log)
    server.logged = Logged(log)
    return server
