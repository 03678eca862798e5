# Every target makes the virtual environment it needs. Python >= 3.11, git and make are enough.
PYTHON ?= python3
BIN := .venv/bin
export DAGSTER_HOME := $(CURDIR)/dagster_home

.PHONY: run test test-cluster lint ui clean help

help:  ## Show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: .venv/installed  ## Ask the default model the quick slice under three prompts and print the leaderboard
	$(BIN)/darkwood run --quick --variant minimal --variant winner_style --variant best_cpu

test: .venv/dev  ## Run the tests, a file at a time on each core
	$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile

test-cluster: .venv/dev  ## Prove the scale-out here: PostgreSQL, S3, Ray, a node killed (minutes)
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		{ echo "installing PostgreSQL …" >&2; apt-get update -qq && apt-get install -y -qq postgresql >/dev/null; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ray,postgres]'
	$(BIN)/pytest -s tests/cluster/whole_grid.py tests/cluster/test_*.py tests/commands/test_doctor_cluster.py

lint: .venv/dev  ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

ui: .venv/installed  ## Open the Dagster UI on http://127.0.0.1:3000
	$(BIN)/darkwood ui

clean:  ## Delete the virtual environment; runs, tables and weights stay
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11; call make with PYTHON=python3.12, say" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing into .venv (a minute or two) …" >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/installed
