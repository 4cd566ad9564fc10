# `make demo` and `make test` set up all they need in .venv. Another Python: make test PYTHON=python3.13
PYTHON ?= python3
VENV ?= .venv
export PYTHON VENV
BIN := $(VENV)/bin
CORE := $(VENV)/ready-core-$(notdir $(PYTHON))
DEVELOPMENT := $(VENV)/ready-development-$(notdir $(PYTHON))
SOAK := $(VENV)/ready-soak-$(notdir $(PYTHON))
BENCH := $(VENV)/ready-bench-$(notdir $(PYTHON))
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint types tests soak bench clean

demo: $(CORE)
	@$(BIN)/harnlet run scripts/stop_runaway_push.harn

test: lint types tests

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(DEVELOPMENT)
	$(BIN)/mypy

tests: $(DEVELOPMENT)
	$(BIN)/python -m pytest

$(CORE): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Harnlet needs Python 3.11 or newer")'
	@test -e $@ || rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) -e .
	@touch $@

$(DEVELOPMENT): $(CORE)
	@$(INSTALL) -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

soak: $(SOAK)
	$(BIN)/python scripts/search_call_states.py
	$(BIN)/python scripts/soak_cancel.py
	$(BIN)/python scripts/fuzz.py
	$(BIN)/python scripts/fuzz_atheris.py
	$(BIN)/python scripts/soak_schedules.py

$(SOAK): $(DEVELOPMENT)
	@$(INSTALL) -e '.[soak]'
	@touch $@

bench: $(BENCH)
	$(BIN)/python scripts/bench_language.py
	$(BIN)/python scripts/bench_cancel.py
	$(BIN)/python scripts/bench_concurrency.py
	$(BIN)/python scripts/bench_limits.py

$(BENCH): $(DEVELOPMENT)
	@$(INSTALL) -e '.[bench]'
	@touch $@
