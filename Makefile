# Everything a newcomer needs is `make demo` and `make test`. Works with GNU make 3.81 and later.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
CODE := src tests $(wildcard benchmarks examples tools)
WORKERS ?= logical
UV_COMPILE := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet $(LOCK_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long lint format bench mutate docs lock clean warm server

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup:  ## make .venv with everything needed to run, test and change Forbear
	@$(MAKE) --no-print-directory -j 2 $(VENV)/.dev $(VENV)/.warm $(VENV)/.warm-rest

demo:  ## start a lender with a book of loans on this machine and show it
	@$(MAKE) --no-print-directory -j 2 $(VENV)/.warm server
	$(VENV)/bin/forbear demo

test: setup  ## run the tests (a few minutes)
	$(PY) -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadfile $(ARGS)

test-long: setup  ## run the tests that take long: millions of generated loans, years of simulated days
	$(PY) -m pytest -m long -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

lint: $(VENV)/.dev  ## style, formatting, types, and the floors
	$(VENV)/bin/ruff check $(CODE)
	$(VENV)/bin/ruff format --check $(CODE)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(VENV)/.dev  ## format the code and mend what can be mended by itself
	$(VENV)/bin/ruff check --fix $(CODE)
	$(VENV)/bin/ruff format $(CODE)

bench: $(VENV)/.bench warm  ## measure Forbear beside its peers
	$(PY) -m benchmarks $(ARGS)

mutate: $(VENV)/.mutate  ## how many small faults of kernel and engine the tests find (ARGS="--sample 400 engine/*")
	$(PY) -m tools.mutate $(ARGS)

docs: $(VENV)/.dev  ## write the generated pages of docs/reference and the law book again
	$(PY) -m tools.reference

lock: $(VENV)/.uv  ## resolve the dependencies again (LOCK_OPTIONS=--upgrade for newer ones)
	$(UV_COMPILE) --group build -o requirements/build.txt
	$(UV_COMPILE) pyproject.toml -o requirements/runtime.txt
	$(UV_COMPILE) pyproject.toml --group dev -c requirements/build.txt -c requirements/runtime.txt -o requirements/dev.txt
	$(UV_COMPILE) pyproject.toml --group bench -c requirements/build.txt -c requirements/runtime.txt -c requirements/dev.txt -o requirements/bench.txt
	$(UV_COMPILE) pyproject.toml --group mutate -c requirements/build.txt -c requirements/runtime.txt -c requirements/dev.txt -o requirements/mutate.txt
	$(PY) -m tools.locks requirements/build.txt requirements/runtime.txt requirements/dev.txt requirements/bench.txt requirements/mutate.txt

clean:  ## remove the virtual environment, caches and compiled code
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache build dist
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# ----------------------------------------------------------------------------------------------------------------------
# The stamps below are files, so a step runs again only when what it depends on has changed.

# The demo's server, which is made while the engine is still being compiled.
server: $(VENV)/.warm-import
	@DATABASE_URL= $(VENV)/bin/forbear database start >/dev/null

# Compile once, so that no user waits for it and parallel tests do not race to do it. The engine needs numba and numpy
# only: it is compiled while pip brings the rest, and what the import needs is compiled beside it.
warm: $(VENV)/.warm

COMPILED = $(wildcard $(patsubst %,src/forbear/%/*.py,kernel engine engine/live engine/cost law simulate formats store operations))

$(VENV)/.warm: $(VENV)/.warm-engine $(VENV)/.warm-import
	@touch $@

$(VENV)/.warm-engine: $(VENV)/.engine $(COMPILED)
	PYTHONPATH=src $(PY) -m forbear.simulate.warm
	@touch $@

# Nothing of this is asked for by a command: the demo does not wait for it.
$(VENV)/.warm-rest: $(VENV)/.engine $(COMPILED)
	PYTHONPATH=src $(PY) -m forbear.engine.warm
	@touch $@

$(VENV)/.warm-import: $(VENV)/.runtime $(COMPILED)
	$(PY) -m forbear.operations.warm
	@touch $@

$(VENV)/bin/activate:
	@for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
				>/dev/null 2>&1; then \
			echo "$$python -m venv $(VENV)"; exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Forbear needs Python 3.11, 3.12 or 3.13 with its venv module, and found none on PATH." >&2; \
	echo "On Debian and Ubuntu: apt-get install python3-venv. On macOS: brew install python@3.13." >&2; \
	exit 1

$(VENV)/.engine: $(VENV)/bin/activate requirements/runtime.txt
	awk '/^[a-z]/ { wanted = /^(llvmlite|numba|numpy)==/ } wanted' requirements/runtime.txt > $(VENV)/engine.txt
	$(PIP) install --no-compile --quiet --require-hashes -r $(VENV)/engine.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.engine pyproject.toml requirements/build.txt requirements/runtime.txt
	$(PIP) install --no-compile --quiet --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PIP) install --no-compile --quiet --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(PIP) install --no-compile --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime requirements/bench.txt
	$(PIP) install --no-compile --quiet --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.mutate: $(VENV)/.dev requirements/mutate.txt
	$(PIP) install --no-compile --quiet --require-hashes -r requirements/mutate.txt
	@touch $@

$(VENV)/.uv: $(VENV)/bin/activate
	$(PIP) install --no-compile --quiet uv
	@touch $@
