PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
CLIENTS := $(wildcard tests/clients/python/*.txt)
# A registry that stumbles for a minute is asked again.
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --retries 10 --timeout 60

SCHEMATHESIS = $(BIN)/schemathesis run http://127.0.0.1:$(PORT)/openapi.json --seed 1 --header "Authorization: Bearer $(KEY)"

.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

install: .venv/.installed ## Create .venv and install what running needs, pinned by hash

run: install ## Serve the demo on 127.0.0.1:8000 (PORT=... changes it)
	@BELOWLINE_DROP_UNSUPPORTED_ATTRIBUTES=$${BELOWLINE_DROP_UNSUPPORTED_ATTRIBUTES:-1} $(BIN)/python -m service demo --port $(PORT)

test: .venv/.installed-dev ## Run the test suite, but for its slowest tests
	$(BIN)/pytest -n 3 --dist loadfile

test-browser: .venv/.installed-dev tests/browser/.installed ## Drive the console in a real Chromium (Debian: chromium, chromium-driver, npm)
	$(BIN)/pytest tests/browser/*_in_chromium.py

test-fuzz: .venv/.installed-dev ## Send the API what its OpenAPI document allows and forbids, and ten thousand malformed requests
	$(BIN)/pytest -n 2 tests/fuzz/requests_fuzzed.py

test-slow: .venv/.installed-dev ## Hold the queue's order against its definition, and let five hundred slow clients wait
	$(BIN)/pytest -n 2 --dist loadfile tests/load/queue_simulated.py tests/load/slow_clients.py

bench-queue: .venv/.installed-dev ## How long a decision and the next item take with 100,000 comments stored
	$(BIN)/pytest -s tests/load/queue_speed.py

bench-search: .venv/.installed-dev ## How long a search takes with 1,000,000 comments stored
	$(BIN)/pytest -s tests/load/search_speed.py

pictures: .venv/.installed-dev ## Take the pictures of docs/console.md anew, from the demo (Debian: chromium, chromium-driver)
	$(BIN)/python -m tests.browser.pictures

test-clients: .venv/.installed-dev tests/clients/.installed ## Call the service with the clients that others use (needs Node.js with npm, and PHP)
	$(BIN)/pytest tests/clients/*_clients.py

test-image: .venv/.installed-dev ## Replay the Containerfile's steps in a chroot (needs root, and the Debian that it names)
	unshare --mount $(BIN)/pytest tests/deploy/image_replayed.py

test-deploy: .venv/.installed-dev ## Serve behind a real Caddy and a real nginx, below a path (needs caddy, nginx and openssl)
	$(BIN)/pytest tests/deploy/proxied.py

bench-service: install ## How fast the service answers, and what it refuses when too much comes in
	$(BIN)/python tests/load/bench_service.py

bench-archive: install ## How fast an archive is scored, and in how much memory, by 1 and by 2 workers
	$(BIN)/python -m tests.load.bench_archive

fuzz: .venv/.installed-dev ## Send what the running demo's OpenAPI document allows and forbids, at length (KEY=..., of scope admin)
	@: $(or $(KEY),$(error name a key: make fuzz KEY=..., from python -m service create-key fuzz --scope admin))
	@$(SCHEMATHESIS) --phases examples,coverage
	@$(SCHEMATHESIS) --phases fuzzing --max-examples 50

test-kill: .venv/.installed-dev ## Kill the service 20 times under load, on SQLite and on PostgreSQL
	$(BIN)/pytest -s tests/load/service_killed.py --kills 20

chaos: .venv/.installed-dev ## Kill, stop, freeze, fill and flood the service and its databases, and print what came of it
	$(BIN)/python -m tests.chaos

check: .venv/.installed-dev ## Lint, types, import contracts, docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check README.md docs/*.md

docs: .venv/.installed-dev ## Write the command reference anew
	$(BIN)/cog -r README.md docs/*.md

strings: .venv/.installed ## Bring the catalogues in service/translations in step with the pages
	@mkdir -p .cache
	$(BIN)/pybabel -q extract -F pyproject.toml --add-location=file --project=Belowline -o .cache/strings.pot .
	$(BIN)/pybabel -q update --ignore-obsolete --ignore-pot-creation-date --no-fuzzy-matching -w 120 -i .cache/strings.pot -d service/translations

lock: ## Resolve the pinned requirements anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	printf 'psycopg\npsycopg-binary\n' | uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-deps -c requirements-dev.lock - -o requirements-postgresql.lock

clean: ## Remove .venv and caches (var/, the database, stays)
	rm -rf .venv tests/browser/.installed tests/browser/node_modules tests/clients/.installed tests/clients/node_modules .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Belowline needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock .venv/bin/python
	$(PIP) install --no-deps --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

tests/clients/.installed: tests/clients/package-lock.json $(CLIENTS) .venv/.installed-dev
	@command -v php >/dev/null || { echo "make test-clients needs PHP: install it (Debian: php-cli)."; exit 1; }
	@command -v npm >/dev/null || { echo "make test-clients needs Node.js with npm: install both (Debian: nodejs, npm)."; exit 1; }
	cd tests/clients && npm ci
	for list in $(CLIENTS); do $(PIP) install --upgrade --no-deps --require-hashes --target ".cache/clients/$$(basename $$list .txt)" -r $$list || exit 1; done
	@touch $@

tests/browser/.installed: tests/browser/package-lock.json
	@command -v npm >/dev/null || { echo "make test-browser needs Node.js with npm: install both (Debian: nodejs, npm)."; exit 1; }
	cd tests/browser && npm ci
	@touch $@

.PHONY: help install run test test-slow test-fuzz pictures test-browser test-clients test-image test-deploy test-kill chaos bench-service bench-archive bench-queue bench-search fuzz check docs strings lock clean
