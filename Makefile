# What one does with a checkout. `make` alone lists the targets.
#
#   make setup PYTHON=python3.12     with a Python of your choice
#   make test ARGS="-k copy -x"      with arguments for pytest
#   make lock UPGRADE=1              with the newest releases, instead of the locked ones where they still fit

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One more than cores, where there are two: tests of whole processes wait for some of their time.
PYTEST_WORKERS ?= 3
PYTEST := $(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder

# pyright comes whole with the lock; it needn't ask the registry for a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.PHONY: help setup demo rehearsal test test-full test-live fuzz bench docs pictures linkcheck lint format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## Build .venv from requirements.lock (with uv if it is on PATH, else with pip) and install the project

demo: $(STAMP) ## Run the demo: a small lake, a local warehouse, every table built and checked
	$(BIN)/sparkify demo

test: $(STAMP) ## Run the tests, without the slow ones and those that need AWS
	$(PYTEST) -m "not slow and not live" $(ARGS)

test-full: $(STAMP) ## Run the tests, with the slow ones, and keep their figures
	$(PYTEST) -m "not live" --figures sparkify_dagster_tests/figures.json $(ARGS)

test-live: $(STAMP) ## Run the tests that need a true Redshift, named by the settings in the environment
	$(BIN)/pytest -m live $(ARGS)

rehearsal: $(STAMP) ## Run the processes of a deployment on this machine, behind nginx where it is, until Ctrl-C
	$(BIN)/python -m sparkify_dagster_tests.deployment $(ARGS)

fuzz: $(STAMP) ## Fuzz for an hour; with ARGS="--target records --seconds 600" what one likes
	$(BIN)/python -m sparkify_dagster_tests.fuzzing $(or $(ARGS),--seconds 720)

bench: $(STAMP) ## Measure how fast it is, for an hour; with ARGS="--only limit" or ARGS="--quick" less
	$(BIN)/python -m sparkify_dagster_tests.benchmarks $(ARGS)

SPHINX := $(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky --doctree-dir build/doctrees

docs: $(STAMP) ## Write the pages that are made of the code, and the site, into build/docs
	$(BIN)/python -m docs.making
	$(SPHINX) --builder html docs build/docs
	@echo "Open build/docs/index.html"

pictures: $(STAMP) ## Take the pictures of the documentation anew (needs a browser)
	$(BIN)/python -m sparkify_dagster_tests.ui.pictures docs/pictures

linkcheck: $(STAMP) ## Look whether the links of the documentation to other sites answer (needs the network)
	$(SPHINX) --builder linkcheck docs build/linkcheck

lint: $(STAMP) ## Check style, types and SQL
	@status=0; \
	for check in "ruff check ." "ruff format --check ." "pyright" "sqlfluff lint --disable-progress-bar sql"; do \
	    echo "$(BIN)/$$check"; $(BIN)/$$check || status=1; \
	done; \
	exit $$status

format: $(STAMP) ## Put the code and the SQL into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar sql

# deploy/'s locks hold what an image needs, and what builds the project for it: the same releases as here.
LOCKS := requirements.lock deploy/requirements.lock deploy/build.lock
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: ## Write the locks anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv; 'pip install uv' brings it." >&2; exit 1; }
	$(COMPILE) pyproject.toml --extra production --group dev --fork-strategy fewest $(if $(UPGRADE),--upgrade) \
	    --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra production --constraint requirements.lock --output-file deploy/requirements.lock
	$(COMPILE) --group build --constraint requirements.lock --output-file deploy/build.lock
	@if grep -nE '://|^-|file:' $(LOCKS); then echo "A lock names a host or a path." >&2; exit 1; fi

clean: ## Remove caches and build output; .venv and the local warehouse stay
	rm -rf build dist htmlcov test-results .coverage .coverage.* coverage.xml
	rm -rf .pytest_cache .ruff_cache .hypothesis .tmp_dagster_home_*
	find . -name .venv -prune -o -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment that is there and works is brought up to date, not thrown away. When uv can't reach its index (pip may
# have been told of another one), pip has a go. --no-build-isolation: what builds the project is in the lock.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

$(STAMP): requirements.lock pyproject.toml
	@set -eu; \
	if ! $(BIN)/python -c '$(FITS)' >/dev/null 2>&1; then \
	    python=; \
	    for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14); do \
	        if "$$candidate" -c '$(FITS)' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "Sparkify needs Python 3.11 to 3.14. Found: $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1)" >&2; \
	        echo "Install one, or name the one to use: make setup PYTHON=python3.12" >&2; \
	        exit 1; \
	    fi; \
	    if command -v uv >/dev/null 2>&1; then \
	        uv venv --quiet --clear --python "$$python" $(VENV); \
	    elif "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	        "$$python" -m venv --clear $(VENV); \
	    else \
	        echo "$$python comes without its venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	        exit 1; \
	    fi; \
	fi; \
	echo "Installing $$(grep -c '^[a-z]' requirements.lock) locked packages into $(VENV) (a download of about 440 MB the first time) ..."; \
	if command -v uv >/dev/null 2>&1 \
	    && uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock \
	    && uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	then :; else \
	    if command -v uv >/dev/null 2>&1; then echo "uv could not do it (see above); trying pip." >&2; fi; \
	    $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
	    $(PIP) --require-hashes --requirement requirements.lock; \
	    $(PIP) --no-deps --no-build-isolation --editable .; \
	fi; \
	touch $(STAMP); \
	echo "Ready: $$($(BIN)/python --version) in $(VENV)"
