"""Fetches test vectors of others that are not part of this repository into ``tests/vectors`` (ignored by git).

The JSON-Schema-Test-Suite for draft-04 travels in the source package of ``jsonschema``, whose version and hashes are
locked in ``requirements/test.txt``. ``make vectors`` runs this; CI does too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests/vectors/json-schema"
_LOCKED = re.compile(r"^jsonschema==\S+ \\\n(?:    --hash=\S+(?: \\)?\n)+", re.MULTILINE)
_WANTED = re.compile(r"[^/]+/json/tests/draft4/((?:[a-z]+/)*[A-Za-z0-9-]+\.json)")


def fetch(directory: Path) -> Path:
    """The source package, checked against the lock."""
    found = _LOCKED.search((ROOT / "requirements/test.txt").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit("requirements/test.txt does not lock jsonschema")
    lock = directory / "lock.txt"
    lock.write_text(found[0], encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*command, "--no-binary", "jsonschema", "--require-hashes", "--requirement", lock, "--dest", directory],
        check=True,
    )
    (package,) = directory.glob("jsonschema-*.tar.gz")
    return package


def unpack(package: Path, target: Path) -> int:
    """Put the suite below ``target``, in place of what was there; how many files it has."""
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    count = 0
    with tarfile.open(package) as archive:
        for member in archive:
            name = _WANTED.fullmatch(member.name)
            content = archive.extractfile(member) if name is not None and member.isfile() else None
            if name is None or content is None:
                continue
            path = fresh / "draft4" / name[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
            count += 1
    if count:
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return count


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        files = unpack(fetch(Path(scratch)), TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {files} files")
    if not files:
        raise SystemExit("the package holds no suite")
