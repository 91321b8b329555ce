# The commands of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test broken soak contract lint format bench bench-console bench-scale crash load load-nyc schema openapi lock pictures wheel hooks clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help:  ## Show this list.
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

# Exact versions, by hash, from constraints.txt; then the project itself, without asking any index again.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rostersim needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)  ## Run every built-in story, live on the console, and write the HTML report.
	$(BIN)/rostersim run --report reports/latest

test: $(READY)  ## Run the tests, in parallel.
	$(BIN)/python -m pytest -n auto --dist worksteal

NIGHTS ?= 10000
SEED ?= 0
broken: $(READY)  ## See every built-in story fail when its rule is broken, the long ones too.
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'thorough or not thorough' tests/broken

soak: $(READY)  ## Play random bad nights, judged by the oracle, then crash everywhere: make soak NIGHTS=10000 SEED=0
	$(BIN)/rostersim soak --nights $(NIGHTS) --seed $(SEED)
	$(MAKE) crash

contract: $(READY)  ## Check a Clever's wire, read only: make contract CLEVER_URL=... CLEVER_TOKEN=...
	@$(BIN)/python -m fakes.clever.contract --url "$(CLEVER_URL)" --oauth-url "$(CLEVER_OAUTH_URL)" --token-env CLEVER_TOKEN

lint: $(READY)  ## Ruff, ruff format, mypy strict, import-linter.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## Put the code into ruff's format and mend what it can mend.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## Print the benchmarks: a story, a term of 180 nights, the suite under -n, pages.
	$(BIN)/python -m loadtests.bench

bench-console: $(READY)  ## Print the server time of the console's pages in a world of the size of Clever's sandbox; a minute or two.
	$(BIN)/python -P -m loadtests.bench_console

SIZES ?= 10000 50000 250000 1000000
bench-scale: $(READY)  ## Measure how a night grows with the district, into docs/benchmarks.md: make bench-scale SIZES=1000000 JOIN=--join
	SYNC_IN_FLIGHT=4 SYNC_READERS=3 SYNC_FOLLOW=full $(BIN)/python -P -m loadtests.bench_scale $(SIZES) $(JOIN) --document docs/benchmarks.md

load: $(READY)  ## Measure a night of the size of Clever's sandbox under load, with thresholds; under two minutes.
	$(BIN)/rostersim generate --preset sandbox --force reports/latest/sandbox
	SYNC_IN_FLIGHT=4 $(BIN)/rostersim load reports/latest/sandbox --in-place --teachers 10 --admins 2 \
		--thresholds loadtests/thresholds/sandbox.toml --report reports/latest/load

NYC := reports/latest/nyc
load-nyc: $(READY)  ## Measure nights of New York's size into docs/benchmarks.md: the first, and two quiet ones; 8 GB, ten minutes.
	rm -rf $(NYC)-state
	$(BIN)/rostersim generate --preset nyc --force $(NYC)
	$(BIN)/rostersim change --night quiet --seed 1 $(NYC)
	missed=0; export SYNC_IN_FLIGHT=4 SYNC_READERS=3; \
	$(BIN)/rostersim load $(NYC) --in-place --state $(NYC)-state --thresholds loadtests/thresholds/nyc.toml \
		--report $(NYC)-first || missed=$$?; \
	$(BIN)/rostersim load $(NYC) --in-place --state $(NYC)-state --night quiet --seed 2 \
		--thresholds loadtests/thresholds/nyc-quiet.toml --report $(NYC)-quiet || missed=$$?; \
	SYNC_FOLLOW=full $(BIN)/rostersim load $(NYC) --in-place --state $(NYC)-state --night quiet --seed 3 \
		--thresholds loadtests/thresholds/nyc-whole.toml --report $(NYC)-whole || missed=$$?; \
	$(BIN)/python -P -m loadtests.load.tables docs/benchmarks.md 'first night=$(NYC)-first' 'quiet night=$(NYC)-quiet' \
		'quiet night read whole=$(NYC)-whole'; \
	exit $$missed

crash: $(READY)  ## Kill the sync at every request of the larger worlds, and of every story of the library.
	SYNC_BATCH_ROWS=25 SYNC_PAGE_LIMIT=60 $(BIN)/rostersim crash --world small --world large
	$(BIN)/rostersim crash --world library

schema: $(READY)  ## Write the JSON Schema of the story language to scenarios/story.schema.json.
	$(BIN)/rostersim schema > scenarios/story.schema.json

openapi: $(READY)  ## Write the OpenAPI documents of the fakes and the control API to docs/openapi/.
	$(BIN)/rostersim openapi docs/openapi

pictures: $(READY)  ## Make the screenshots of the guides anew (needs Chromium).
	$(BIN)/python -P -m rostersim.console.pictures docs/pictures

wheel: $(READY)  ## Build the wheel into dist/.
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

lock:  ## Resolve the newest versions the ranges allow into constraints.txt (needs uv).
	uv pip compile --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra dev --extra load --output-file constraints.txt pyproject.toml

hooks: $(READY)  ## Install the pre-commit hooks.
	$(BIN)/pre-commit install

clean:  ## Remove what the commands above made.
	rm -rf $(VENV) dist build reports/latest .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
