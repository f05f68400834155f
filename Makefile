# Two commands matter: `make run` and `make test`. The rest is for those who work on Batchdesk.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: run test check static wheel chaos bench requirements clean

run: .venv/run
	@BATCHDESK_JOB_TYPES="$${BATCHDESK_JOB_TYPES-examples/job_types}" exec $(BIN)/batchdesk serve

test: .venv/dev check
	@scripts/browser
	@command -v curl >/dev/null || scripts/apt curl
	@scripts/faults
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/build_static.py --check

static: .venv/dev
	$(BIN)/python scripts/build_static.py

# make chaos SECONDS=1800: kill a desk at work for so long, and count at the far end what came of every row.
SECONDS ?= 60
DATABASE ?= sqlite
chaos: .venv/dev
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) --database $(DATABASE)

wheel: .venv/dev
	$(BIN)/python -m build --wheel --no-isolation

requirements: .venv/dev
	scripts/lock

clean:
	rm -rf .venv dist build

# Each stamp stands for an environment that matches the pinned requirements; nothing is done twice.
.venv/run: requirements.txt pyproject.toml
	scripts/venv $(PYTHON)
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@
