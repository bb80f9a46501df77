"""The Dockerfile's steps without Docker: each stage is a Debian tree in a scratch directory, each RUN a chroot into it, and the
last stage is run as the image would be: not root, a read-only root file system, /data alone writable.

``make image-test`` runs it (no file name of pytest's). It needs Linux, root, ``unshare`` and debootstrap, and installs from
package registries. What it stands in for: the images named by FROM are made by debootstrap (for the Rust image with gcc and the
Rust of this machine); what Docker itself does with VOLUME, EXPOSE, STOPSIGNAL and HEALTHCHECK is read and done here by hand.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.packaging.dockerfile import Stage, stages

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("debootstrap") is None, reason="needs root and debootstrap"),
]
# What the image rust:*-slim has beside Debian's smallest.
RUST_SLIM = ("ca-certificates", "gcc", "libc6-dev")
# How this machine reaches registries, where that needs saying.
PASSED_ON = (
    "PIP_CERT",
    "SSL_CERT_FILE",
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
)
_MS_BIND, _MS_REC, _MS_PRIVATE, _MS_REMOUNT, _MS_RDONLY = 0x1000, 0x4000, 0x40000, 0x20, 0x1
_CLONE_NEWNS, _MNT_DETACH = 0x20000, 2
_LIBC = ctypes.CDLL(None, use_errno=True)


def mount(source: Path | str, target: Path, flags: int) -> None:
    target.mkdir(parents=True, exist_ok=True)
    if _LIBC.mount(os.fsencode(source), os.fsencode(target), None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}")


def unmount_below(directory: Path) -> None:
    """Nothing may be mounted there when it is removed: /dev is."""
    while there := [each for each in _mounted() if each.startswith(f"{directory}/")]:
        if _LIBC.umount2(os.fsencode(there[-1]), _MNT_DETACH) != 0:
            raise OSError(ctypes.get_errno(), f"unmount {there[-1]}")


def _mounted() -> list[str]:
    """Where something is mounted, the latest last."""
    return [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]


class Tree:
    """A stage as far as it has been carried out."""

    def __init__(self, root: Path, stage: Stage) -> None:
        self.root = root
        self.stage = stage
        self.directory = "/"
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def begin(self) -> None:
        """What FROM names."""
        packages = RUST_SLIM if self.stage.image.startswith("rust:") else ()
        include = [f"--include={','.join(packages)}"] if packages else []
        subprocess.run(["debootstrap", "--variant=minbase", *include, "bookworm", self.root], check=True, stdout=2)
        for name in ("dev", "proc"):
            mount(f"/{name}", self.root / name, _MS_BIND | _MS_REC)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        if self.stage.image.startswith("rust:"):
            # Their own Rust, and the names under which registries are known here.
            toolchain = Path(subprocess.check_output(["rustc", "--print", "sysroot"], text=True).strip())
            mount(toolchain, self.root / "opt/rust", _MS_BIND)
            self.environment["PATH"] = f"/opt/rust/bin:{self.environment['PATH']}"
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", self.root / "etc/ssl/certs")
            self.environment |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}

    def carry_out(self, done: dict[str | None, Tree]) -> None:
        """Every instruction, in order."""
        for name, text in self.stage.instructions:
            match name:
                case "RUN":
                    subprocess.run(self.chrooted("/bin/sh", "-c", text), env=self.environment, check=True, stdout=2)
                case "COPY":
                    self.copy(text.split(), done)
                case "WORKDIR":
                    self.directory = text
                    self.inside(text).mkdir(parents=True, exist_ok=True)
                case "ENV":
                    given = Stage("", None, [each for each in self.stage.instructions if each.text == text])
                    self.environment |= {
                        key: value.replace("$PATH", self.environment["PATH"])
                        for key, value in given.environment().items()
                    }
                case "USER" | "VOLUME" | "EXPOSE" | "STOPSIGNAL" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
                    pass
                case _:
                    pytest.fail(f"the rehearsal does not know {name}")

    def copy(self, words: list[str], done: dict[str | None, Tree]) -> None:
        *sources, target = words
        if sources[0].startswith("--from="):
            origin = done[sources.pop(0).removeprefix("--from=")]
            paths = [origin.inside(source) for source in sources]
        else:
            paths = [ROOT / source for source in sources]
        into = self.inside(target if target != "." else self.directory)
        for path in paths:
            if path == ROOT:
                _copy_context(into)
            elif path.is_dir():
                shutil.copytree(path, into, symlinks=True, dirs_exist_ok=True)
            else:
                into.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, into)

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def chrooted(self, *command: str, user: str = "0") -> list[str]:
        return ["chroot", f"--userspec={user}:{user}", str(self.root), "/usr/bin/env", "-C", self.directory, *command]


def _copy_context(into: Path) -> None:
    """What Docker would send of the working tree: all that .dockerignore does not name."""
    ignored = [line.removeprefix("**/") for line in (ROOT / ".dockerignore").read_text().split()]
    shutil.copytree(ROOT, into, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*ignored, "models"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The last stage, carried out; mounts are this process's alone and end with it."""
    scratch = tmp_path_factory.mktemp("image")
    if _LIBC.unshare(_CLONE_NEWNS) != 0:
        pytest.skip("no mount namespace is to be had")
    mount("none", Path("/"), _MS_REC | _MS_PRIVATE)
    done: dict[str | None, Tree] = {}
    for number, stage in enumerate(stages((ROOT / "Dockerfile").read_text())):
        tree = Tree(scratch / str(number), stage)
        tree.begin()
        tree.carry_out(done)
        done[stage.name] = tree
    try:
        yield tree
    finally:
        unmount_below(scratch)
        shutil.rmtree(scratch)


def test_the_image_serves(image: Tree) -> None:
    stage = image.stage
    user, data = stage.text("USER"), image.inside(stage.text("VOLUME"))
    # The root becomes read-only, the volume stays.
    mount(image.root, image.root, _MS_BIND | _MS_REC)
    mount(image.root, image.root, _MS_BIND | _MS_REMOUNT | _MS_RDONLY)
    volume = image.root.parent / "volume"
    volume.mkdir()
    shutil.chown(volume, int(user), int(user))
    mount(volume, data, _MS_BIND)
    environment = {**image.environment, **stage.environment(), "PATH": image.environment["PATH"]}
    entry = [*stage.command("ENTRYPOINT"), *stage.command("CMD")]
    serving = subprocess.Popen(image.chrooted(*entry, user=user), env=environment)
    try:
        check = image.chrooted(*stage.command("HEALTHCHECK"), user=user)
        deadline = time.monotonic() + 60
        while subprocess.run(check, env=environment, capture_output=True, check=False).returncode != 0:
            assert serving.poll() is None
            assert time.monotonic() < deadline
        with urllib.request.urlopen("http://127.0.0.1:9080/health", timeout=10) as answer:
            assert json.load(answer) == {"status": "ok"}
        assert Path(f"/proc/{serving.pid}/status").stat().st_uid == int(user)
        assert {path.name for path in volume.iterdir()} >= {"apigw.db", "credentials.json", "running.json"}
        written = subprocess.run(image.chrooted("touch", "/etc/apigw/x", user="0"), capture_output=True, check=False)
        assert b"Read-only file system" in written.stderr
    finally:
        serving.send_signal(getattr(signal, stage.text("STOPSIGNAL")))
        code = serving.wait(60)
    assert code == 0
    assert not (volume / "running.json").exists()
