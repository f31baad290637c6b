.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test soak check containers current fix bench faults docs pictures audit-dependencies lock help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

setup: $(BIN)/.ready ## create .venv with the locked dependencies

$(BIN)/.ready: requirements-dev.lock requirements-demo.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Identity Graph needs Python 3.11 or newer; this is %s. Try: make setup PYTHON=python3.12" % sys.version.split()[0])'
	@echo "Setting up $(VENV) (the first time takes a minute or two) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock -r requirements-demo.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## load real purchases and a simulated retailer, show the customers, keep serving (ONCE=1 ends after that)
	@$(BIN)/python -m identity_graph.demo $(if $(ONCE),--once)

# Many processes start, and each reads what the first one compiled, whatever the environment says.
test: setup ## run all tests on a real Neo4j for each worker; ARGS="-x -k lookup" for some
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder --cov $(ARGS)
	@$(if $(ARGS),,$(BIN)/coverage report --include='identity_graph/domain/*' --fail-under=100)

soak: setup ## run every property on thousands of random worlds, in half an hour; SEED=7 EXAMPLES=500 ARGS="-k rules" as you like
	@$(BIN)/python -m tests.soak $(if $(SEED),--seed $(SEED)) $(if $(EXAMPLES),--examples $(EXAMPLES)) -- $(ARGS)

check: setup ## lint, formatting, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@echo "All checks passed."

containers: setup ## build the image and try the compose file for real, then run some tests on testcontainers (needs a Docker engine)
	@$(BIN)/python -m pytest -q tests/containers/compose.py
	@env -u IDENTITY_GRAPH_NEO4J_URI $(BIN)/python -m pytest -q -x -W "error:A Docker engine answers:UserWarning" tests/store $(ARGS)

current: setup ## run the tests of store, service and api on Neo4j's current line; CYPHER=5 as older databases have it
	@$(BIN)/python -m tests.current_neo4j $(if $(CYPHER),--language $(CYPHER)) -- $(ARGS)

fix: setup ## fix lint and formatting
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: setup ## generate pages and test the documentation
	@$(BIN)/python -m identity_graph.reference
	@$(BIN)/python -m api.graphql.print_schema
	@$(BIN)/python -m pytest -q tests/docs tests/*/test_*_docs.py tests/domain/rules/test_docs.py tests/api/test_error_pages.py $(ARGS)

pictures: setup ## take the pictures of the documentation again (needs Chromium)
	@$(BIN)/python -m tests.docs.pictures

bench: setup ## measure the service beside Neo4j alone; EVENTS=20000 for a quick look
	@$(BIN)/python -m bench $(if $(EVENTS),--events $(EVENTS))

faults: setup ## kill processes, fill disks and cut connections while real clients send; FAULTS="kill-neo4j" for some (a full disk needs root)
	@$(BIN)/python -m bench.faults $(FAULTS)

audit-dependencies: setup ## look for known vulnerabilities in the locked dependencies (needs a network)
	@for file in requirements.lock requirements-dev.lock requirements-demo.lock; do echo "$$file"; $(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r $$file || exit 1; done

lock: ## resolve the dependencies again (needs uv)
	@uv pip compile --universal --generate-hashes --no-header --quiet --no-annotate --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	@uv pip compile --universal --generate-hashes --no-header --quiet --no-annotate --python-version 3.11 pyproject.toml -c requirements-dev.lock -o requirements.lock
	@echo 'lifetimes==0.11.3' | uv pip compile --generate-hashes --no-header --quiet --no-annotate --no-deps - -o requirements-demo.lock
