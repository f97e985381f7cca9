# Everything runs in .venv, made from requirements.lock by any Python ≥ 3.11; nothing else needs to be installed.
.DEFAULT_GOAL := help
.PHONY: help demo test lint pytest bench docs lock clean
.DELETE_ON_ERROR:

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
# Compiling all modules of the SDKs takes half a minute; Python compiles the few that are used when it meets them.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
# uv installs the same lock with the same sums in an eighth of the processor time. What only pip's configuration says,
# such as a registry, it does not know; so what uv cannot do, pip does.
UV_INSTALL := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(if $(PIP_INDEX_URL),UV_DEFAULT_INDEX=$(PIP_INDEX_URL)) \
	$(BIN)/uv pip install --quiet
# It must be let, though: where the environment forbids it, every process compiles the SDKs anew, for 25 seconds.
unexport PYTHONDONTWRITEBYTECODE
# Written last: a virtual environment without it was broken off and is made anew, as after a change of the lock.
READY := $(VENV)/ready
# The second Neo4j that the graph and pack tests run against, in the same session (tests/versions.py).
SECOND_NEO4J := 2026.05.0
WORKERS ?= 2

help:
	@echo "make demo    load two days of the invented company Contoso into a local Neo4j, watch and check it (first: minutes)"
	@echo "make test    everything that CI runs"
	@echo "make lint    the quick part of it: ruff and mypy"
	@echo "make bench   measure what loading costs and write docs/benchmarks.md"
	@echo "make docs    write the pages of docs/ that follow from the code"
	@echo "make lock    pin the newest fitting dependencies in requirements.lock"
	@echo "make clean   delete the local Neo4j with its data, the virtual environment and all caches"

# The demo goes into azgraph's local Neo4j, never into a database that the environment happens to name.
demo: AZGRAPH := env -u NEO4J_URI $(BIN)/azgraph
demo: $(READY)
	$(AZGRAPH) neo4j up >/dev/null
	$(AZGRAPH) demo
	$(AZGRAPH) alerts evaluate
	$(AZGRAPH) demo --next-day
	$(AZGRAPH) changes --since last
	$(AZGRAPH) alerts evaluate
	$(AZGRAPH) notify digest --print
	$(AZGRAPH) check cis-azure-foundations-6.0.0
	@$(AZGRAPH) neo4j status

# Side by side: mypy leaves a processor free, and the tests leave some of both.
test: $(READY)
	@$(MAKE) --no-print-directory --jobs=2 lint pytest

pytest: $(READY)
	AZGRAPH_TEST_SECOND_NEO4J=$(SECOND_NEO4J) $(BIN)/pytest -n $(WORKERS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m bench

docs: $(READY)
	$(BIN)/python -m tools.generate_docs

# UV_* and PIP_* settings of this machine stay out of the lock: it names packages and sums, no address.
lock: $(READY)
	env -u PIP_FIND_LINKS -u UV_FIND_LINKS $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --extra dev \
		--universal --python-version 3.11 --generate-hashes --no-header --output-file requirements.lock

clean:
	@if [ -x $(BIN)/azgraph ]; then $(BIN)/azgraph neo4j wipe --yes; fi
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock
	@test -n "$(PYTHON)" || { echo "azgraph needs Python 3.11 or newer, and none was found on the PATH." \
		"Install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making the virtual environment $(VENV) with $(PYTHON) …"
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock > $(VENV)/uv.lock
	$(INSTALL) --require-hashes --requirement $(VENV)/uv.lock
	$(UV_INSTALL) --require-hashes --requirement requirements.lock 2>$(VENV)/uv.log || \
		$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $(READY)
