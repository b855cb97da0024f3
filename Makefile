# The verbs of the project. `make help` lists them.
#
# Everything runs from .venv, which `make setup` builds from requirements.lock and which is
# rebuilt only when that file or pyproject.toml changes. PY=/path/to/python names an interpreter
# when the search below finds none or the wrong one. Verbs that start programs take ARGS="...".

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-stamp
CODE := $(wildcard exchange storage replication cli chaos) tests
PROTOS = $(shell find proto/exchange -name '*.proto' | LC_ALL=C sort)
ARGS ?=
PY ?=

##@ Use
.PHONY: setup run
setup: $(STAMP) ## prepare .venv with .venv/bin/exchange and .venv/bin/exctl

run: $(STAMP) ## set up, start a cluster of four on loopback until Ctrl-C; ARGS=--demo trades
	@exec $(BIN)/exchange up --data ./var/data $(ARGS)

##@ Check
.PHONY: test e2e-long bench sim chaos chaos-netns fuzz fuzz-native sanitize sim-register lint proto-check
test: $(STAMP) ## all tests but those marked long, root or bench; skips are printed with reasons
	$(BIN)/python -m pytest -n 2 $(ARGS)

e2e-long: $(STAMP) ## the tests that take minutes
	$(BIN)/python -m pytest -m long $(ARGS)

bench: $(STAMP) ## measure; prints a table, writes var/bench/latest.json
	$(BIN)/python -m tests.bench $(ARGS)

sim: $(STAMP) ## simulate the replicated log: SEEDS=n (300), or SEED=k to replay one
	$(BIN)/python -m chaos.sim $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),300)) $(ARGS)

chaos: $(STAMP) ## break things on purpose and check what must hold
	$(BIN)/python -m chaos $(ARGS)

chaos-netns: $(STAMP) ## the same with each node in a network namespace; needs root, ip and nft
	$(BIN)/python -m chaos netns $(ARGS)

fuzz: $(STAMP) ## both engines on random commands: COMMANDS=n (1000000), WORKERS=n, SEED=k, REPLAY=file
	$(BIN)/python -m tests.fuzz $(if $(COMMANDS),--commands $(COMMANDS)) \
	  $(if $(WORKERS),--workers $(WORKERS)) $(if $(FIRST),--first $(FIRST)) \
	  $(if $(SEED),--seed $(SEED)) $(if $(REPLAY),--replay $(REPLAY)) $(ARGS)

fuzz-native: $(STAMP) ## libFuzzer on apply, restore and codec (needs clang): SECONDS=60 each, ARGS=apply
	$(BIN)/python -m tests.fuzz.native $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

sanitize: $(STAMP) ## the native tests with AddressSanitizer, UBSan and checked containers
	$(BIN)/python -m tests.sanitize $(ARGS)

sim-register: $(STAMP) ## search the register's Raft for lost commands: SEEDS=400, SEED=17
	$(BIN)/python -m tests.replication.register_search $(if $(SEED),--seed $(SEED),) \
	  $(if $(SEEDS),--seeds $(SEEDS),) $(ARGS)

lint: $(STAMP) ## ruff, mypy --strict, buf lint, generated stubs equal proto/
	@failed=; \
	check() { echo "$$*"; "$$@" || failed="$$failed, $$1 $${2:-}"; }; \
	check $(BIN)/ruff check .; \
	check $(BIN)/ruff format --check .; \
	check $(BIN)/mypy --strict $(CODE); \
	check $(BIN)/buf lint proto; \
	check $(MAKE) --no-print-directory proto-check; \
	[ -z "$$failed" ] || { echo "make lint: failed: $${failed#, }" >&2; exit 1; }

##@ Generate
.PHONY: proto
proto: $(STAMP) ## regenerate exchange/api from proto/
	$(BIN)/python -m grpc_tools.protoc -Iproto \
	  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
	  --python_out=. --pyi_out=. --grpc_python_out=. --mypy_grpc_out=. $(PROTOS)

proto-check: $(STAMP) ## fail when exchange/api differs from what proto/ generates
	$(BIN)/python -m pytest -q -p no:randomly tests/test_tidy_proto.py

.PHONY: layouts
layouts: $(STAMP) ## write the byte layouts of the model as C++ for the native engine
	LOCKSTEP_REWRITE_GOLDEN=1 $(BIN)/python -m pytest -q -p no:randomly -p no:xdist \
	  tests/exchange/engine/native/test_layouts.py

##@ Housekeeping
.PHONY: clean distclean help
clean: ## remove what builds and checks leave behind; never .venv, never var/
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv; var/ (journals, benchmark results) stays
	@echo "removing $(VENV); var/ stays: remove it by hand if its data may go"
	rm -rf $(VENV)

help: ## list the verbs
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

# --no-deps: the lock is closed over its dependencies. --no-build-isolation: the build uses the
# setuptools pinned there, not one fetched on the day.
$(STAMP): pyproject.toml requirements.lock setup.py $(wildcard exchange/*/native/src/*)
	@if [ ! -x $(BIN)/python ]; then \
	  found=; \
	  for candidate in $(if $(PY),"$(PY)",python3.11 python3.12 python3.13 python3.14 python3); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      found="$$candidate"; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "make setup: no Python 3.11 or newer found$(if $(PY), at PY=$(PY))." >&2; \
	    echo "Install one, or name it: make setup PY=/path/to/python3.11" >&2; \
	    exit 1; \
	  fi; \
	  if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "make setup: $$found cannot make virtual environments (venv or ensurepip missing)." >&2; \
	    echo "On Debian or Ubuntu: apt install python3-venv. Or name another with PY=..." >&2; \
	    exit 1; \
	  fi; \
	  echo "make setup: $$("$$found" --version) -> $(VENV)"; \
	  "$$found" -m venv $(VENV); \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=23.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@
