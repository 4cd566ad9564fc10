# `make demo` and `make test` set up all they need in .venv. Another Python: make test PYTHON=python3.13
PYTHON ?= python3
VENV ?= .venv
export PYTHON VENV
BIN := $(VENV)/bin
READY := $(VENV)/ready-$(notdir $(PYTHON))

.PHONY: demo test lint types tests setup clean

demo: setup
	$(BIN)/harnlet run scripts/stop_runaway_push.harn

test: lint types tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/mypy

tests: setup
	$(BIN)/python -m pytest

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Harnlet needs Python 3.11 or newer")'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,process]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
