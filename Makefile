# make start   sets everything up and starts the lab
# make class   starts a class of three on this machine, in demo-class/
# make test    sets everything up and tests
# make check   the gate: format, lint, types, layers, shipped files
# make docs    makes the documentation as a site: build/site

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
DONE := .venv/.installed
TOPOLOGY ?= two-node

.PHONY: start class test check format benchmarks pictures docs clean
.DEFAULT_GOAL := start

start: $(DONE)
	@$(BIN)/hatlab start $(TOPOLOGY)

class: $(DONE)
	@$(BIN)/hatlab class setup
	@test -f demo-class/class.toml || { mkdir -p demo-class && \
	  printf 'name,full name\nada,Ada Example\nbo,Bo Sample\ncy,Cy Model\n' >demo-class/roster.csv && \
	  $(BIN)/hatlab class new demo-class --roster demo-class/roster.csv --title 'A class of three'; }
	@$(BIN)/hatlab class start demo-class
	@$(BIN)/hatlab class links demo-class

test: $(DONE)
	@$(BIN)/python -m tests

check: $(DONE)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --no-cache .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hatlab check topologies/*.yaml lessons/

format: $(DONE)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmarks: $(DONE)
	$(BIN)/python -m tests.benchmarks

pictures: $(DONE)
	$(BIN)/hatlab image build
	$(BIN)/python -m tests.pictures

docs: .venv/.docs
	@$(BIN)/python -m tests.site

.venv/.docs: $(DONE)
	@echo "setting up what makes the site …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'hatlab[docs]'
	@touch $@

$(DONE): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "hatlab needs Python 3.11 or newer; install it, or say PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "this Python cannot make a venv (on Debian: apt install python3-venv)"; exit 1; }
	@echo "setting up .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m compileall -q lab  # as pip does for all others; the environment may forbid it later
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
