# Two commands: `make demo` and `make test`. Both make what is missing first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DEMO_DATA ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/sisters-of-code-demo
.PHONY: demo test quick check lint audit browser-and-database screenshots release lock clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

demo: $(READY) ## a real JupyterHub with a demo cohort on http://127.0.0.1:8000; Ctrl-C stops it
	@$(BIN)/soc demo --data "$(DEMO_DATA)"

test: $(READY) browser-and-database ## everything: lint, types, all tests, the real hub and browser included
	@$(MAKE) --no-print-directory lint audit
	$(BIN)/pytest -n 2 --dist loadfile -m "not browser"
	@# Apart: the browser's event loop stays in its process, and other tests start loops of their own.
	$(BIN)/pytest -n 2 --dist loadfile -m browser

quick: $(READY) ## the tests that take seconds
	$(BIN)/pytest -m "not (hub or browser or postgres or slow)"

lint: $(READY) ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(READY) ## known holes in the locked packages, where the index has the data
	@$(BIN)/python deploy/audit.py

release: $(READY) ## write course/release from course/source
	$(BIN)/soc build

screenshots: $(READY) browser-and-database ## the pictures in docs/, from a running demo of its own
	$(BIN)/python docs/screenshots.py

lock: ## write requirements.lock from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras --quiet \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean: ## forget the environment; the demo's data stay
	rm -rf .venv

browser-and-database:
	@deploy/ensure_debian chromium chromium
	@deploy/ensure_debian postgresql /usr/lib/postgresql/*/bin/postgres

$(READY): requirements.lock pyproject.toml
	@deploy/ensure_environment $(PYTHON)
	@touch $(READY)
