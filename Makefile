PYTHON ?= python3
DEMO ?= scenarios/01_cni_comparison.yaml

VENV := .venv
RUN := $(VENV)/bin/python -m
PIP := $(RUN) pip -qq --disable-pip-version-check

.PHONY: help setup demo test test-all lint bench orderings lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo      compare CNIs on one scenario (DEMO=FILE picks another)'
	@echo 'make setup     create $(VENV) with everything netsim needs'
	@echo 'make test      the fast tests; make test-all runs the slow ones too'
	@echo 'make lint      ruff and mypy'
	@echo 'make bench     measure the speed of the engines'
	@echo 'make orderings compare predictions with published measurements'
	@echo 'make lock      pin the newest dependencies again'
	@echo 'make clean     remove $(VENV) and the caches'

setup: $(VENV)/.stamp
	@:

$(VENV)/.stamp: requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'netsim needs Python 3.11 or newer; "$(PYTHON)" is not. Try: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; \
		exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '"$(PYTHON)" cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv' >&2; \
		exit 1; }
	@echo 'Setting up $(VENV): about half a minute, once.' >&2
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(VENV)/bin/netsim compare "$(DEMO)"

test: setup
	$(RUN) pytest -n auto -m "not slow"

test-all: setup
	$(RUN) pytest -n auto

lint: setup
	$(RUN) ruff check .
	$(RUN) mypy --strict netsim

bench: setup
	$(RUN) tests.bench

orderings: setup
	$(RUN) tests.published

# Python 3.11 resolves to versions that 3.12 and 3.13 can install too, not the other way round.
# pip's own settings are ignored: a mirror or a folder of wheels there would add hashes nobody else can match.
lock:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
		echo 'make lock needs Python 3.11, the oldest that netsim supports: make PYTHON=python3.11 lock' >&2; exit 1; }
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	export PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS=; \
	"$(PYTHON)" -m venv "$$scratch/venv"; \
	"$$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check pip-tools; \
	"$$scratch/venv/bin/python" -m piptools compile --quiet --upgrade --extra dev --all-build-deps --allow-unsafe \
		--generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --output-file "$$scratch/lock" pyproject.toml; \
	{ echo '# Written by "make lock"; do not edit.'; grep -Ev '^(#|$$)' "$$scratch/lock"; } > requirements.lock

clean:
	rm -rf $(VENV) build dist ./*.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find netsim tests -name __pycache__ -prune -exec rm -rf {} +
