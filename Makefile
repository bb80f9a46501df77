# Everything a developer does. `make serve` and `make test` set up what they need; CARGO_TARGET_DIR moves the build elsewhere.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# rustup looks for toolchains in HOME; under another HOME (sudo, a test of this file) they still are beside its programs.
ifndef RUSTUP_HOME
ifeq ($(wildcard $(HOME)/.rustup/toolchains/*),)
ifneq ($(wildcard $(abspath $(dir $(shell command -v rustup 2>/dev/null))../../.rustup/toolchains)),)
export RUSTUP_HOME := $(abspath $(dir $(shell command -v rustup 2>/dev/null))../../.rustup)
endif
endif
endif

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
LOAD_VENV := $(CURDIR)/.venv-load
MODELS := python/apigw/aws/models
LOCKS := requirements/runtime.txt requirements/build.txt requirements/test.txt
# Another active environment must not receive our installation.
MATURIN := env -u CONDA_PREFIX VIRTUAL_ENV=$(VENV) $(BIN)/maturin develop --locked
# The editable installation is made once; later only the extension is replaced.
INSTALLED = $(if $(shell test -e $(VENV)/.installed -a $(VENV)/.installed -nt pyproject.toml && echo yes),--skip-install)
DATA_DIR ?= apigw-data
LOAD_SECONDS ?= 60
PREFIX ?= /opt/apigw

.PHONY: help setup build extension wheel install wheel-test image-test serve test lint format
.PHONY: bench load load-setup fuzz mutants answers velocity vectors lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.requirements $(MODELS)/.written ## .venv with the locked requirements, and the AWS service models

$(VENV)/.requirements: $(LOCKS)
	python=$$(tools/toolchain.sh); test -x $(BIN)/python || "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(addprefix -r ,$(LOCKS))
	touch $@

$(MODELS)/.written: tools/service_models.py requirements/build.txt | $(VENV)/.requirements
	mkdir -p $(MODELS)
	cd tools && $(BIN)/python -c 'import pathlib, service_models; service_models.write_models(pathlib.Path("../$(MODELS)"))'
	touch $@

build: setup ## the release build, installed editable: .venv/bin/apigw
	$(MATURIN) --release $(INSTALLED)
	touch $(VENV)/.installed

extension: setup ## the development build of the extension, for the tests
	$(MATURIN) $(INSTALLED)
	touch $(VENV)/.installed

wheel: setup ## dist/*.whl, the release build
	PATH="$(BIN):$$PATH" $(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

install: wheel ## an environment of its own in PREFIX (/opt/apigw) with the apigw command and nothing else
	"$$(tools/toolchain.sh)" -m venv $(PREFIX)
	$(PREFIX)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(PREFIX)/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps --no-index "$$(ls -t dist/apigw-*.whl | head -n 1)"
	$(PREFIX)/bin/python -m compileall -q $(PREFIX)/lib

wheel-test: wheel extension ## the release wheel in an empty environment, and a wheel from the source distribution
	$(BIN)/python -m pytest -q -n 0 tests/packaging/installed.py

image-test: setup ## the Dockerfile's steps without Docker (root, debootstrap)
	$(BIN)/python -m pytest -q -n 0 -s tests/packaging/rehearsal.py

serve: build ## build, then a gateway with the petstore deployed
	$(BIN)/apigw serve examples/petstore/openapi.yaml --data-dir $(DATA_DIR)

test: extension ## all tests, Rust and Python
	cargo test --locked
	$(BIN)/python -m pytest -n auto

lint: setup ## formats, lints, types, layers and the repository's own rules
	cargo fmt --all --check
	PYO3_PYTHON=$(BIN)/python cargo clippy --locked --workspace --all-targets -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=python $(BIN)/lint-imports
	PYTHONPATH=python $(BIN)/python -m pytest -q tests/repo

format: setup ## format everything
	cargo fmt --all
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

bench: build ## the table of ratios against nginx, HAProxy and the floor
	$(BIN)/python -m bench.run

load: build load-setup ## locust's users on the petstore for LOAD_SECONDS; fails on an answer they do not expect
	$(BIN)/python -m bench.load.run --seconds $(LOAD_SECONDS)

load-setup: $(LOAD_VENV)/.requirements ## .venv-load with the locked locust

$(LOAD_VENV)/.requirements: requirements/load.txt | $(VENV)/.requirements
	test -x $(LOAD_VENV)/bin/python || $(BIN)/python -m venv $(LOAD_VENV)
	$(LOAD_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

fuzz: setup ## every fuzz target for FUZZ_SECONDS (60); needs nightly and cargo-fuzz
	$(BIN)/python tools/fuzz.py

mutants: setup ## one bug planted per framing rule, each must turn a test red (ONLY=rule for one)
	$(BIN)/python -m tools.mutants "$(ONLY)"

answers: setup ## patterns and paths asked of Java itself: the committed answers, and fresh ones compared with ours (Java 17, Maven)
	$(BIN)/python tools/answers.py

velocity: setup ## templates through Apache Velocity 1.7 itself, compared with the committed results and with ours (Java 17, Maven)
	$(BIN)/python -m tools.velocity
	cargo test --lib reference_tests

vectors: tests/vectors/json-schema ## what others publish to test with: the JSON-Schema-Test-Suite

tests/vectors/json-schema: requirements/test.txt | $(VENV)/.requirements
	$(BIN)/python tools/vectors.py
	touch $@

lock: setup ## write requirements/*.txt and Cargo.lock anew
	requirements/refresh.sh
	cargo update

clean: ## remove what was built (not apigw-data)
	rm -rf $(VENV) $(LOAD_VENV) $(MODELS) python/apigw/third_party_licences.txt dist target bench/.build tools/velocity/.build
	rm -rf tests/vectors rust/fuzz/target rust/fuzz/corpus .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find python -name '_engine*.so' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
