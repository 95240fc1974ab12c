# `make help` lists the targets. Two commands are enough: `make run`, `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := src

.PHONY: help setup setup-dev run test faults laws check bench assets lock clean

help: ## What can be done here
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.venv/ready: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/ready ## Make .venv and install what the system must provide
	@tools/system.sh run

setup-dev: .venv/ready-dev
	@tools/system.sh test

run: setup ## Start the platform with a living demonstration; Ctrl-C stops all of it
	@$(BIN)/rongqiao run

test: setup-dev ## All tests, on a real PostgreSQL and in a real Chromium
	@$(BIN)/pytest -n 2 --dist loadfile -q

faults: setup-dev ## The fault tests in full: kills, cuts, restores; ends with a table of figures
	@RONGQIAO_FAULTS=full $(BIN)/pytest tests/faults -n 2 --dist loadfile -q

laws: setup-dev ## The laws (Hypothesis) with examples drawn anew; ROUNDS=5 does so five times
	@for round in $$(seq $${ROUNDS:-1}); do RONGQIAO_LAWS=roaming $(BIN)/pytest $$(grep -lr "@given" tests) -n 2 --dist loadfile -q || exit 1; done

check: .venv/ready-dev ## Format, lint, types, import rules, migrations, translations, assets
	@tools/check.sh

bench: setup-dev ## The benchmarks, as ratios
	@$(BIN)/rongqiao bench schedule && $(BIN)/rongqiao bench ledger

assets: ## Build the style sheet and scripts from their sources
	@tools/assets.sh build

lock: .venv/ready-dev ## Write the lock files anew from requirements*.in
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header -c requirements-dev.lock requirements.in -o requirements.lock

clean: ## Remove what was installed and built here, and the demonstration's state
	@rm -rf .venv var .mypy_cache .ruff_cache
