#!/usr/bin/env bash
# Prints the Python to use; says in one sentence each what is missing: Python >= 3.11 with venv, Rust, a C compiler.
set -uo pipefail
cd "$(dirname "$0")/.."
wrong=0

complain() {
  echo "setup: $*" >&2
  wrong=1
}

python=""
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
  if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(command -v "$candidate")
    break
  fi
done
[ -n "$python" ] || complain "Python 3.11 or newer with its venv module is needed (Debian: python3-venv); set PYTHON to name one."

needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
found=$(rustc --version 2>/dev/null | cut -d' ' -f2)
if [ -z "$found" ] || ! cargo --version >/dev/null 2>&1; then
  complain "Rust $needed or newer is needed and 'rustc --version' does not run (https://rustup.rs)."
elif [ "$(printf '%s\n' "$needed" "${found%%-*}" | sort -V | head -n 1)" != "$needed" ]; then
  complain "Rust $needed or newer is needed, this is $found ('rustup update stable')."
fi

probe=$(mktemp -d)
echo 'int main(void) { return 0; }' >"$probe/probe.c"
"${CC:-cc}" -o "$probe/probe" "$probe/probe.c" 2>/dev/null || complain "a C compiler is needed (Debian: gcc libc6-dev; set CC to name one)."
rm -rf "$probe"

[ "$wrong" = 0 ] || exit 1
echo "$python"
