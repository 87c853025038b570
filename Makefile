PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

install: .venv/.installed ## Create .venv and install what running needs, pinned by hash

run: install ## Serve the demo on 127.0.0.1:8000 (PORT=... changes it)
	@$(BIN)/python -m service demo --port $(PORT)

test: .venv/.installed-dev ## Run the whole test suite
	$(BIN)/pytest

test-browser: .venv/.installed-dev ## Drive the console in a real Chromium (Debian: chromium, chromium-driver)
	$(BIN)/pytest tests/browser/console_in_chromium.py

check: .venv/.installed-dev ## Lint, types, import contracts, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check README.md docs/*.md

docs: .venv/.installed-dev ## Write the command reference anew
	$(BIN)/cog -r README.md docs/*.md

lock: ## Resolve the pinned requirements anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove .venv and caches (var/, the database, stays)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Belowline needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: help install run test test-browser check docs lock clean
