# The one door to everything. Needs git, make and Python 3.11 or newer; the rest it fetches for itself.
#
#   make demo       both acceptance scenarios, on SQLite and the mailbox;
#                   DATABASE=postgresql://... BROKER=amqp://... the same on PostgreSQL and RabbitMQ; ARGS= passes more
#   make test       the whole suite, real RabbitMQ and PostgreSQL included; ARGS= passes more to pytest
#   make check      format, lint, types, import layers
#   make bench      benchmarks with their bounds and peers, into benchmarks/results.json and docs/benchmarks/results.md
#   make bench-growth
#                   the hot path on small and large histories; SIZES=10000,1000000,10000000 DATABASE=postgresql://...
#   make bench-log  a log of a million entries verified; ENTRIES=1000000 DATABASE=postgresql://...
#   make bench-linking
#                   linking a notification where few and where many people are known; SIZES=10000,1000000,10000000
#   make bench-scaling
#                   intake with more and more worker processes, for machines of six cores and more
#   make faults     the long fault campaign, on both databases; SEED= and POINTS= choose and repeat it
#   make campaigns  mutations through every adapter; N=100000 ADAPTER= SEED= choose and repeat them; then rotations of
#                   every kind of key under load, WAVES=100; then leaves of a long log changed, LEAVES=100000,
#                   and bits of fifty custody bundles, BITS=20000
#   make attack-guards
#                   takes the guard of each attack out of a copy of the tree: its test must fail; ONLY= chooses attacks
#   make campaign-openings
#                   8 processes after the same 300 tokens, two of them killed; DATABASE=postgresql+asyncpg://... (empty)
#   make corpus-table
#                   public samples through the adapters, into docs/corpus.md
#   make screenshots
#                   pictures of every page of the console, into docs/console (needs Chromium)
#   make setup      only the environment that the others need
#   make clean      removes what these made

UV_VERSION := 0.13.9
UV := .tools/bin/uv
UV_STAMP := .tools/.uv-$(UV_VERSION)
BIN := .venv/bin
STAMP := .venv/.synced
JOBS ?= 3

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check format bench bench-growth bench-linking bench-log bench-scaling faults campaigns campaign-openings attack-guards corpus-table screenshots clean

help:
	@sed -n 's/^#   \{0,1\}//p' Makefile

setup: $(STAMP)

$(UV_STAMP):
	@.ci/setup $(UV_VERSION)
	@touch $@

$(STAMP): pyproject.toml uv.lock $(UV_STAMP)
	@$(UV) sync --frozen --quiet --no-progress --python .tools/bin/python
	@touch $@

demo: setup
	$(BIN)/mash demo $(if $(DATABASE),--database "$(DATABASE)") $(if $(BROKER),--broker "$(BROKER)") $(ARGS)

test: setup
	$(BIN)/pytest --numprocesses=$(JOBS) --dist=loadfile $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python -m benchmarks $(ARGS)

bench-growth: setup
	$(BIN)/python -m benchmarks.growth $(if $(SIZES),--sizes $(SIZES)) $(if $(DATABASE),--database "$(DATABASE)") $(ARGS)

bench-log: setup
	$(BIN)/python -m benchmarks.verifying_log $(if $(ENTRIES),--entries $(ENTRIES)) $(if $(DATABASE),--database "$(DATABASE)")

bench-linking: setup
	$(BIN)/python -m benchmarks.linking $(if $(SIZES),--sizes $(SIZES)) $(if $(DATABASE),--database "$(DATABASE)") $(ARGS)

bench-scaling: setup
	$(BIN)/python -m benchmarks.scaling $(ARGS)

faults: setup
	$(if $(SEED),SEED="$(SEED)") $(if $(POINTS),POINTS="$(POINTS)") $(BIN)/pytest -m faults tests/faults $(ARGS)

corpus-table: setup
	$(BIN)/python -m tests.corpus.table

screenshots: setup
	$(BIN)/python -m tests.console.screenshots

campaigns: setup
	$(BIN)/python -m tests.campaigns $(if $(N),--cases $(N)) $(if $(ADAPTER),--adapter "$(ADAPTER)") $(if $(SEED),--seed $(SEED)) $(ARGS)
	$(BIN)/python -m tests.campaigns.rotations $(if $(WAVES),--waves $(WAVES))
	$(BIN)/python -m tests.campaigns.histories $(if $(LEAVES),--leaves $(LEAVES)) $(if $(SEED),--seed $(SEED))
	$(BIN)/python -m tests.campaigns.bundles $(if $(BITS),--bits $(BITS)) $(if $(SEED),--seed $(SEED))

campaign-openings: setup
	$(BIN)/python -m tests.campaigns.openings $(if $(DATABASE),--database "$(DATABASE)") $(ARGS)

attack-guards: setup
	$(BIN)/python -m tests.campaigns.guards $(if $(ONLY),--only "$(ONLY)")

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .demo
