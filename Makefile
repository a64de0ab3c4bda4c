# What a fresh clone needs goes to .local and target, which git ignores.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
CARGO ?= cargo
CARGO_DENY_VERSION := 0.20.2
VENV := .local/venv
SAM_VENV := .local/sam
INSTALLED := $(VENV)/.installed
SAM_INSTALLED := $(SAM_VENV)/.installed
ASL_INSTALLED := tests/asl/node_modules/.package-lock.json
CARGO_DENY := .local/tools/bin/cargo-deny
RUN := PYTHONPATH=local $(CURDIR)/$(VENV)/bin/python
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --requirement
TEMPLATES := template.yaml $(wildcard templates/*.yaml)

.DEFAULT_GOAL := help
.PHONY: help setup build demo local accounts test bench many lint test-rust test-templates test-local test-end-to-end

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: setup build ## vend two accounts on a local AWS and show them
	$(RUN) -m demo

local: setup build ## the local AWS with the AVM deployed, until Ctrl-C; port from AVM_LOCAL_PORT (4566)
	exec env $(RUN) -m local_aws serve

accounts: setup ## set up the three standing accounts on a local AWS, show them and the commands for the real one
	$(RUN) -m local_aws accounts

test: lint test-rust test-templates test-local test-end-to-end ## all tests

bench: setup ## what each function and a warm vend cost, in release builds
	$(CARGO) build --release --workspace --bins
	AVM_LOCAL_BINARIES=$(CURDIR)/target/release $(RUN) -m bench

many: setup build ## how long a hundred requests at once take, against what AWS's limits allow; half an hour
	AVM_LOCAL_TIME_SCALE=$${AVM_LOCAL_TIME_SCALE:-0.3} $(RUN) -m bench.many

setup: $(INSTALLED) ## the Python environment of the local AWS

build: ## all binaries, as the local Lambda service starts them
	$(CARGO) build --workspace --bins

lint: $(CARGO_DENY) ## format, clippy, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	$(CARGO_DENY) --log-level error check bans licenses sources

test-rust: $(INSTALLED) ## unit tests, and the contracts between code, definition and templates
	if $(CARGO) nextest --version >/dev/null 2>&1; then $(CARGO) nextest run --workspace; else $(CARGO) test --workspace; fi

test-templates: $(INSTALLED) $(SAM_INSTALLED) $(ASL_INSTALLED) ## sam validate, cfn-lint, asl-validator
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1 $(SAM_VENV)/bin/sam validate --lint --template template.yaml
	$(VENV)/bin/cfn-lint $(TEMPLATES)
	node tests/asl/check.mjs

test-local: setup build ## the local AWS's own tests
	cd local && PYTHONPATH=. $(CURDIR)/$(VENV)/bin/python -m pytest -q

test-end-to-end: setup build ## real binaries, real state machine, real templates on the local AWS
	$(RUN) -m pytest -q tests/end_to_end

$(INSTALLED): local/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python $(PIP_INSTALL) local/requirements.txt
	touch $@

$(SAM_INSTALLED): local/sam-requirements.txt
	$(PYTHON) -m venv $(SAM_VENV)
	$(SAM_VENV)/bin/python $(PIP_INSTALL) local/sam-requirements.txt
	touch $@

$(ASL_INSTALLED): tests/asl/package-lock.json
	cd tests/asl && npm ci --silent --no-fund --no-audit

$(CARGO_DENY):
	$(CARGO) install cargo-deny --locked --quiet --no-default-features --version $(CARGO_DENY_VERSION) --root .local/tools --target-dir .local/tools/target
	rm -rf .local/tools/target
