# Everything a developer does, in one place. `make help` lists it.

PYTHON ?= python3
STACK ?= production
REF ?= HEAD~1
VENV := .venv
BIN := $(VENV)/bin
# --no-compile: Python compiles what a command really imports, not half a million lines beside it.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# Where Python keeps nothing compiled, the tests' workers and commands compile the same again and again.
COMPILED := PYTHONDONTWRITEBYTECODE=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Standard output is the command's alone: what is installed is told beside it.
$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "installs into $(VENV) what the program requires" >&2
	@$(PIP) --require-hashes --requirement requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "installs into $(VENV) what tests and checks require" >&2
	@$(PIP) --require-hashes --requirement requirements-dev.txt
	@touch $@

.PHONY: preview
preview: $(VENV)/.runtime ## what `pulumi up` would make of STACK (production), without an engine or an account
	@$(BIN)/syncup preview $(STACK)

.PHONY: preview-diff
preview-diff: $(VENV)/.runtime ## the comment on what changes in STACK (production) since the revision REF (HEAD~1)
	@$(BIN)/syncup preview $(STACK) --against '$(REF)' --format markdown

.PHONY: test
test: $(VENV)/.development ## the tests, within three minutes; `syncup up` asks for their record
	@$(COMPILED) $(BIN)/python -m operate.tested $(BIN)/python -m pytest --numprocesses auto --quiet -m "not full"

.PHONY: test-full
test-full: $(VENV)/.development ## the tests in their long form
	@$(COMPILED) HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest --numprocesses auto --quiet

.PHONY: lint
lint: $(VENV)/.development ## style, formatting, the bootstrap template, the workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/cfn-lint bootstrap/template.yaml
	@$(BIN)/zizmor --offline --quiet .
	@if command -v go > /dev/null; then $(MAKE) --no-print-directory $(BIN)/actionlint && $(BIN)/actionlint; \
		else echo "actionlint is left out: it is built with go, which is not on PATH"; fi

# What Python's package of it downloads nobody checks; what Go downloads, Go does.
$(BIN)/actionlint: | $(VENV)/bin/python
	@GOBIN=$(CURDIR)/$(BIN) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: types
types: $(VENV)/.development ## pyright, strict on our own code
	@# The SDKs are half a million lines: Node's own limit of memory is too low for them.
	@NODE_OPTIONS=--max-old-space-size=8192 $(BIN)/pyright

.PHONY: local
local: $(VENV)/.development ## the stack `local` on this machine, to try every command without an account
	@$(BIN)/syncup local start

.PHONY: drill
drill: $(VENV)/.development ## the guide's recovery on real servers, timed beside what is promised
	@$(BIN)/python -m drill

.PHONY: bench
bench: $(VENV)/.development ## costs as ratios, measured side by side
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.policies
	@$(BIN)/python -m bench.backup

.PHONY: policy-report
policy-report: $(VENV)/.development ## what the policies notice, which controls they serve, what fuzzing found
	@$(BIN)/python -m tests.policies.policy_report

.PHONY: functions
functions: $(VENV)/.runtime ## build the archives of what AWS runs, as `up` deploys them
	@$(BIN)/python -m functions.build

.PHONY: facts
facts: $(VENV)/.development ## regenerate the tables in facts/
	@$(BIN)/python -m facts.generate

.PHONY: docs
docs: $(VENV)/.runtime ## generate the reference pages
	@$(BIN)/python -m infra.reference
	@$(BIN)/python -m policies.reference
	@$(BIN)/python -m preview.reference
	@$(BIN)/python -m cli.reference
	@$(BIN)/syncup diagram production > docs/architecture.md

.PHONY: inventory
inventory: $(VENV)/.development ## write down anew what each stack declares
	@$(BIN)/python -m tests.program.inventory

.PHONY: lock
lock: $(VENV)/.development ## resolve the requirements anew, with hashes and without addresses
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate requirements.in --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate requirements-dev.in --output-file requirements-dev.txt
	@for folder in $(dir $(wildcard functions/*/requirements.in)); do (cd $$folder && ../../$(BIN)/uv pip compile --quiet \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		requirements.in --output-file requirements.txt) || exit 1; done
