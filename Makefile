# Needs Python 3.11 or newer and make; everything else comes into .venv.
#
#   make run                 one server on http://127.0.0.1:8000/ with a demo lesson
#   make run INSTANCES=3     three of them on neighbouring ports, sharing one store
#   make test                the tests; make test ARGS="tests/store -k relay" some of them
#   make bench               what it costs, beside its rivals; make bench ARGS="--only relay --quick" a first look
#   make test-cluster        some of them on a cluster of three nodes; ARGS="tests/integration" all that can
#   make lint                style and types
#   make lock                pin what requirements*.in ask for; UPGRADE=--upgrade takes newer versions

INSTANCES ?= 1
PORT ?= 8000
ARGS ?=
UPGRADE ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: help install install-dev run test test-cluster coverage bench lint format lock clean
.DEFAULT_GOAL := help

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

# A stamp is written last, so that an install that was interrupted is done again.
$(VENV)/.installed: requirements.lock | $(BIN)/python
	$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(BIN)/python
	$(INSTALL) -r requirements-dev.lock
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@for python in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "$$python -m venv $(VENV)"; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed: neither python3.11 nor python3 is one." >&2; exit 1

run: install
	@exec $(BIN)/python scripts/run.py --instances $(INSTANCES) --port $(PORT)

test: install-dev
	@$(BIN)/python -m pytest $(ARGS)

CLUSTERED := $(addprefix tests/integration/test_,story.py relay_across.py revocation.py board_convergence.py crash.py)

test-cluster: install-dev
	@$(BIN)/python -m pytest --store cluster $(or $(ARGS),$(CLUSTERED) -k "not hanging and not instance_dies")

coverage: install-dev
	@$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

bench: install-dev
	@$(BIN)/python -m bench $(ARGS)

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The files name no registry: pip takes its own, and the hashes hold for any.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

lock: install-dev
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-dev.in -o requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
