#!/usr/bin/env bash
# Every rule of the house that a tool can hold; stops at the first that does not.
set -euo pipefail
bin=.venv/bin
step() { printf '%-14s' "$1"; shift; if out=$("$@" 2>&1); then echo ok; else echo "does not hold"; echo "$out"; exit 1; fi; }
export RONGQIAO_VAR="${RONGQIAO_VAR:-$(mktemp -d)}"
step format $bin/ruff format --check src tests tools
step lint $bin/ruff check src tests tools
step imports $bin/lint-imports
step types $bin/mypy
step house $bin/pytest -q tests/architecture
step migrations $bin/python -m django makemigrations --check --dry-run --settings rongqiao.config.settings
step translations $bin/python tools/translations.py
step assets tools/assets.sh check
