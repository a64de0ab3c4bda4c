# What a fresh clone needs goes to .local and target, which git ignores.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
CARGO ?= cargo
VENV := .local/venv
SAM_VENV := .local/sam
LINT_VENV := .local/lint
CHECKOV_VENV := .local/checkov
INSTALLED := $(VENV)/.installed
SAM_INSTALLED := $(SAM_VENV)/.installed
LINT_INSTALLED := $(LINT_VENV)/.installed
CHECKOV_INSTALLED := $(CHECKOV_VENV)/.installed
ASL_INSTALLED := tests/asl/node_modules/.package-lock.json
LINT := $(LINT_VENV)/bin
# The import of Dhall, which is a workspace of its own so that nothing else is built of other crates because of it.
IMPORT := --manifest-path cli/import/Cargo.toml
RUN := PYTHONPATH=local $(CURDIR)/$(VENV)/bin/python
UV := .local/uv/bin/uv
UV_EXPORT := $(UV) export --quiet --project local --locked --no-header --no-annotate
LOCKED_GROUPS := $(patsubst %,.local/groups/%.txt,runtime sam lint checkov uv)
TEMPLATES := template.yaml $(wildcard templates/*.yaml)
# A template as text, which another includes.
INCLUDED := templates/landing-zone-stackset.yaml
# What the last full run of the end-to-end tests has left behind, and what it depends on.
FULL_RUN := .local/privileges/run.json
FULL_RUN_OF := $(wildcard $(shell git ls-files Cargo.lock cli configuration functions shared statemachine local template.yaml templates tests/end_to_end tests/fixtures tests/payloads))

FUZZ_TARGETS := payload fields step configuration pattern dhall month
# For each target: twelve minutes for all.
FUZZ_SECONDS ?= 100

export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help setup build tools package demo local empty accounts acceptance check test docs format clippy bench many faults mutate-policies fuzz lint advisories lock test-rust test-templates test-local test-end-to-end test-deployment test-package privileges
# What a failed recipe has made says nothing.
.DELETE_ON_ERROR:

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: setup build ## vend two accounts on a local AWS and show them
	$(RUN) -m demo

local: setup build ## the local AWS with the AVM deployed, until Ctrl-C; port from AVM_LOCAL_PORT (4566)
	exec env $(RUN) -m local_aws serve

empty: setup ## a local AWS with three empty accounts, until Ctrl-C: for docs/DEPLOY.md
	exec env $(RUN) -m local_aws empty

accounts: setup ## set up the three standing accounts on a local AWS, show them and the commands for the real one
	$(RUN) -m local_aws accounts

check: format clippy test-rust ## the short loop: format, clippy, unit and contract tests

test: lint advisories test-rust test-templates test-local test-end-to-end ## all tests

docs: ## write what is derived from code, definition and templates: ERRORS.md, docs/STEPS.md, tables, pictures
	$(CARGO) run --locked --quiet --package contract-tests --bin docs

bench: setup ## what each function and a warm vend cost, in release builds
	$(CARGO) build --locked --release --package functions --bins
	$(CARGO) build --locked --release --package cli --bins
	$(CARGO) run --locked --release --quiet --package metering --example year
	AVM_LOCAL_BINARIES=$(CURDIR)/target/release $(RUN) -m bench

many: setup build ## how long a hundred requests at once take, against what AWS's limits allow; an hour
	AVM_LOCAL_TIME_SCALE=$${AVM_LOCAL_TIME_SCALE:-0.3} $(RUN) -m bench.many

faults: setup build ## disturb every call of a vend with every fault; FAULTS="--sample 100", FAULTS=--help
	$(RUN) -m fault_matrix $(FAULTS)

mutate-policies: setup build ## take out each denial and condition of the templates in turn, and see its test fail; MUTANTS=--help
	$(RUN) -m policy_mutants $(MUTANTS)

fuzz: ## fuzz everything that is decoded, FUZZ_SECONDS (100) for each target of FUZZ_TARGETS; fuzz/README.md
	$(CARGO) run --quiet --package bad-input --example seeds -- fuzz/corpus
	mkdir -p fuzz/artifacts
	RUSTC_WRAPPER=$(CURDIR)/fuzz/instrument $(CARGO) build --manifest-path fuzz/Cargo.toml --target-dir target --bins
	RUSTC_WRAPPER=$(CURDIR)/fuzz/instrument $(CARGO) build $(IMPORT) --package avm-import-fuzz --profile fuzz --target-dir target
	ln -f target/fuzz/dhall target/debug/dhall
	for target in $(FUZZ_TARGETS); do \
		echo "$$target"; \
		target/debug/$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=30 -print_final_stats=1 -verbosity=1 \
			-artifact_prefix=fuzz/artifacts/$$target- fuzz/corpus/$$target 2>fuzz/artifacts/$$target.log \
			|| { tail -40 fuzz/artifacts/$$target.log; exit 1; }; \
		tail -8 fuzz/artifacts/$$target.log; \
	done

tools: $(SAM_INSTALLED) ## what a deployment needs, in .local/sam/bin: the SAM CLI, the AWS CLI, cargo-lambda, and `avm`
	$(CARGO) build --locked --package functions --bins
	$(CARGO) build --locked --package cli --bins
	cp -f "$${CARGO_TARGET_DIR:-target}/debug/avm" $(SAM_VENV)/bin/avm

package: setup ## what can be deployed without a toolchain, for both processors, in target/package; PACKAGE=--help
	$(RUN) -m release $(PACKAGE)

setup: $(INSTALLED) ## the Python environment of the local AWS

build: ## all binaries, as the local Lambda service starts them; the import of Dhall is a workspace of its own
	@# Apart, as they are deployed: built with the command, the functions would have its ways to sign in, and the watcher of
	@# cargo-lambda would build all of them again.
	$(CARGO) build --locked --package functions --bins
	$(CARGO) build --locked --package cli --bins
	$(CARGO) build --locked $(IMPORT) --target-dir target

format: ## whether everything is formatted
	$(CARGO) fmt --all --check
	$(CARGO) fmt $(IMPORT) --check

clippy: ## the lints of the compiler and of clippy
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings
	$(CARGO) clippy --locked $(IMPORT) --all-targets --target-dir target -- --deny warnings

lint: format clippy $(LINT_INSTALLED) ## format, clippy, dependencies: licences, sources, each of them used
	$(LINT)/cargo-deny --log-level error --locked check bans licenses sources
	$(LINT)/cargo-shear --locked
	$(LINT)/cargo-deny --log-level error --locked $(IMPORT) --config deny.toml check bans licenses sources
	@# Its words about the names of modules are of interest only when it finds something.
	words=$$($(LINT)/deptry local local/tests tests/end_to_end tests/deployment tests/package tests/analysis --config local/pyproject.toml --no-ansi 2>&1) || { echo "$$words"; exit 1; }

advisories: $(LINT_INSTALLED) $(ASL_INSTALLED) $(LOCKED_GROUPS) ## known vulnerabilities of all dependencies, where the databases can be reached
	PATH=$(CURDIR)/$(LINT):$$PATH $(LINT)/python tests/analysis/advisories.py

lock: $(UV) ## write the lock files anew from what is asked for; versions that still fit stay
	$(UV) lock --quiet --project local
	@# The lock says what, not from where: that is each machine's. `uv sync` wants addresses, `uv export` does not.
	sed -E -i.whole 's|"https?://[^"]*/([^"/]+)"|"\1"|; s/, (size|upload-time) = [^,} ]+//g' local/uv.lock && rm local/uv.lock.whole
	$(UV_EXPORT) --only-group uv --output-file local/uv.txt
	$(CARGO) update --workspace --quiet
	$(CARGO) update --workspace --quiet $(IMPORT)
	cd tests/asl && npm install --package-lock-only --silent --no-fund --no-audit

test-rust: $(INSTALLED) ## unit tests, and the contracts between code, definition and templates
	if $(CARGO) nextest --version >/dev/null 2>&1; then $(CARGO) nextest run --locked --workspace; else $(CARGO) test --locked --workspace; fi
	$(CARGO) test --quiet --locked $(IMPORT) --target-dir target

test-templates: $(INSTALLED) $(SAM_INSTALLED) $(ASL_INSTALLED) $(LINT_INSTALLED) $(CHECKOV_INSTALLED) ## sam validate, cfn-lint, asl-validator, parliament, cloudsplaining, checkov
	for template in $$(grep --files-with-matches AWS::Serverless-2016-10-31 $(TEMPLATES)); do \
		SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1 $(SAM_VENV)/bin/sam validate --lint --template $$template || exit 1; \
	done
	$(VENV)/bin/cfn-lint $(filter-out $(INCLUDED),$(TEMPLATES))
	$(VENV)/bin/python tests/analysis/policies.py $(INCLUDED) | $(VENV)/bin/cfn-lint
	node tests/asl/check.mjs
	CHECKOV=$(CURDIR)/$(CHECKOV_VENV)/bin/checkov $(LINT)/python -m pytest -q tests/analysis

test-local: setup build $(ASL_INSTALLED) ## the local AWS's own tests
	cd local && PYTHONPATH=. $(CURDIR)/$(VENV)/bin/python -m pytest -q -n 2 --dist loadfile

acceptance: setup $(ASL_INSTALLED) ## hold the local AWS to what was recorded on AWS, to its models and to its documents; tells how much agrees
	cd local && PYTHONPATH=. $(CURDIR)/$(VENV)/bin/python -m pytest -q tests/acceptance

test-end-to-end: setup build $(ASL_INSTALLED) $(SAM_INSTALLED) ## real binaries, real state machine, real templates on the local AWS
	$(RUN) -m pytest -q -n 2 tests/end_to_end

test-deployment: setup ## every command of docs/DEPLOY.md against three empty accounts: builds all functions, about ten minutes
	$(RUN) -m pytest -v tests/deployment

test-package: setup ## two builds of a program in two folders, for each processor: the same bytes; about an hour
	$(RUN) -m pytest -v tests/package

$(UV): local/uv.txt
	$(PYTHON) -m venv .local/uv
	.local/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $<
	touch $@

# What the lock file has for a group, with hashes; fails where the lock file is not of pyproject.toml.
.local/groups/%.txt: local/uv.lock local/pyproject.toml $(UV)
	mkdir -p $(@D)
	$(UV_EXPORT) --only-group $* --output-file $@

$(INSTALLED): .local/groups/runtime.txt
$(SAM_INSTALLED): .local/groups/sam.txt
$(LINT_INSTALLED): .local/groups/lint.txt
$(CHECKOV_INSTALLED): .local/groups/checkov.txt
$(INSTALLED) $(SAM_INSTALLED) $(LINT_INSTALLED) $(CHECKOV_INSTALLED):
	$(UV) venv --quiet --clear $(@D)
	$(UV) pip sync --quiet --python $(@D) --require-hashes $<
	touch $@

privileges: $(FULL_RUN) ## each right of each role with the calls that needed it, from the last full run of the end-to-end tests
	$(RUN) -m privileges

$(FULL_RUN): $(FULL_RUN_OF) | setup build $(SAM_INSTALLED)
	$(RUN) -m pytest -q -n 2 tests/end_to_end

$(ASL_INSTALLED): tests/asl/package-lock.json
	cd tests/asl && npm ci --silent --no-fund --no-audit
