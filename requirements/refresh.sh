#!/usr/bin/env bash
# Writes the locked requirements anew: newest versions that fit, for every platform, with hashes and without any registry's host.
set -euo pipefail
cd "$(dirname "$0")"
compile() {
  local name=$1
  shift
  {
    echo "# Locked from ${name}.in by \`make lock\`; do not edit."
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
      --no-emit-index-url --no-emit-find-links "$@" "${name}.in"
  } >"${name}.txt.new"
  mv "${name}.txt.new" "${name}.txt"
}
compile runtime
compile build --constraint runtime.txt
compile test --constraint runtime.txt --constraint build.txt
compile load --constraint runtime.txt --constraint build.txt --constraint test.txt
