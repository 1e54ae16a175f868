# What a person does with this repository. `make` alone lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := node_modules/.bin
FOLDERS := transform ingest sql dashboards scripts
INSTALLED := node_modules/.package-lock.json
BUILT := dist/.built
SOURCES := $(shell find $(FOLDERS) -type f -not -name '*.test.ts' 2>/dev/null)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)$$/  make \1|\2/' | column -t -s '|' 2>/dev/null \
	  || grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(INSTALLED) ## install what package-lock.json names

$(INSTALLED): package-lock.json
	@command -v node >/dev/null || { echo 'Node.js 20.19 or newer is needed' >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 19)) { console.error(`Node.js 20.19 or newer is needed; this is $${process.versions.node}`); process.exit(1); }'
	npm ci
	@touch $@

.PHONY: build
build: $(BUILT) ## compile to dist/

$(BUILT): $(INSTALLED) package.json tsconfig.json tsconfig.build.json $(SOURCES)
	@rm -rf dist
	npm run --silent build
	@touch $@

.PHONY: demo
demo: build ## run the main job end to end, and write demo-output/
	@$(BIN)/tsx scripts/tools/demo.ts

.PHONY: test
test: setup ## unit and integration tests
	$(BIN)/vitest run --project unit --project integration

NODES ?= 20 22 24
.PHONY: test-node
test-node: setup ## unit tests and the main job on Node.js 20, 22 and 24, which npm brings to .cache/; NODES="24" chooses
	@for major in $(NODES); do \
	  home=.cache/node/$$major; \
	  [ -x $$home/node_modules/node/bin/node ] || { mkdir -p $$home; echo '{ "private": true }' > $$home/package.json; \
	    npm install --prefix $$home --no-audit --no-fund node@$$major; }; \
	  node=$$PWD/$$home/node_modules/node/bin/node; \
	  echo "Node.js $$($$node --version)"; \
	  PATH="$${node%/node}:$$PATH" $$node node_modules/vitest/vitest.mjs run --project unit; \
	  PATH="$${node%/node}:$$PATH" $$node node_modules/vitest/vitest.mjs run --project integration test/integration/main-job.test.ts; \
	done

.PHONY: test-faults
test-faults: setup ## the long fault tests: kills, proxies, brokers, crossing loads, stopped partitions, signals (half an hour)
	$(BIN)/vitest run --project faults

.PHONY: test-security
test-security: setup ## attack the door of readers with every function in every place and form, from a browser, and under load
	FAIRSHARE_ATTACK=every $(BIN)/vitest run --project security

.PHONY: test-privacy
test-privacy: setup ## look for planted addresses and tokens in everything that a whole run stores, writes and prints; then erase (two to four minutes)
	$(BIN)/vitest run --project privacy

.PHONY: test-disk-full
test-disk-full: setup ## a full disk in every command that writes (ten to twenty minutes; needs the right to mount a tmpfs)
	$(BIN)/vitest run --project disk-full

.PHONY: test-rotation
test-rotation: setup ## a week of nights for each option of logrotate, through ingest and nightly (installs logrotate; some minutes)
	$(BIN)/vitest run --project rotation

.PHONY: test-long
test-long: setup ## tests that take too long for make test: a month by every way, days that cannot be sealed, reading beside a writer, attribution in a world (five minutes)
	$(BIN)/vitest run --project long

.PHONY: test-package
test-package: setup ## pack the package, install it with all that it depends on, and go from init to a report (a minute)
	$(BIN)/vitest run --project package

.PHONY: test-pipelines
test-pipelines: setup ## nginx's log through rsyslog to a topic, to files and over UDP (unpacks Debian's packages; a minute)
	$(BIN)/vitest run --project pipelines

.PHONY: test-enrolment
test-enrolment: setup ## the settings of `orgs enrol` with the real clients, through nginx; nginx's cache beside simulate-cache (installs clients; some minutes)
	$(BIN)/vitest run --project enrolment

.PHONY: test-clients
test-clients: setup ## ClickHouse's drivers for Python, SQLAlchemy, Java (JDBC) and Go against the door (installs them; a minute)
	$(BIN)/vitest run --project clients

.PHONY: test-focus
test-focus: setup ## FOCUS's own validator on an export (installs it; knows FOCUS 1.2; needs Python 3.12; two minutes)
	$(BIN)/vitest run --project focus

KILLS ?= 200
.PHONY: test-kills-all
test-kills-all: setup ## kill -9 in the middle of ingest, seal, nightly, close, retract, export and retain, 200 times; KILLS=n SEED=n
	FAIRSHARE_KILLS=$(KILLS) $(if $(SEED),FAIRSHARE_SEED=$(SEED)) $(BIN)/vitest run --project faults test/faults/command-kills.test.ts

.PHONY: demo-serve
demo-serve: build ## serve web pages of the demo's warehouse until Ctrl-C (after make demo; PORT=n)
	@test -d demo-output/warehouse || { echo 'There is no demo-output/warehouse: run make demo first.'; exit 2; }
	@echo 'Open http://127.0.0.1:$(or $(PORT),8123)/ in a browser. Ctrl-C ends it.'
	@FAIRSHARE_CONFIG=demo-output/scenario/fairshare.yaml FAIRSHARE_WAREHOUSE=demo-output/warehouse node dist/scripts/fairshare.js serve --port $(or $(PORT),8123)

.PHONY: test-pages
test-pages: demo ## open every page of the demo, and a statement of each kind, in Chromium: wide, narrow, light, dark, as PDF; pictures in test-output/
	$(BIN)/vitest run --project pages

.PHONY: test-add
test-add: setup ## add the examples of docs/CONTRIBUTING.md to a copy, check it whole, and leave steps out (about five minutes)
	$(BIN)/vitest run --project adding

.PHONY: test-server
test-server: setup ## the warehouse tests on the ClickHouse server that FAIRSHARE_TEST_CLICKHOUSE_URL names (docs/CONTRIBUTING.md)
	@[[ -n "$${FAIRSHARE_TEST_CLICKHOUSE_URL:-}" ]] || { echo 'make test-server: set FAIRSHARE_TEST_CLICKHOUSE_URL=https://user:password@host:8443/ (docs/CONTRIBUTING.md says what else), or run make test-server-stand-in' >&2; exit 2; }
	@NODE_EXTRA_CA_CERTS="$${FAIRSHARE_TEST_CLICKHOUSE_CA:-}" $(BIN)/vitest run --project server

.PHONY: test-server-stand-in
test-server-stand-in: setup ## the same on the door of fairshare serve, behind a TLS proxy with two users
	$(BIN)/tsx test/server/stand-in.ts

.PHONY: soak
soak: setup ## full rate with a fault every few seconds (FAIRSHARE_SOAK_MINUTES=30), then the oracle; writes docs/soak.svg
	$(BIN)/tsx test/faults/soak.ts

ROUNDS ?= 10
SEED ?=
.PHONY: properties
properties: setup ## every property test ROUNDS=10 times, each time from a fresh seed; SEED=N repeats one
	@files=$$(grep -rl --include='*.test.ts' "from 'fast-check'" $(FOLDERS)); \
	for seed in $(or $(SEED),$$(for i in $$(seq $(ROUNDS)); do echo $$((RANDOM << 15 | RANDOM)); done)); do \
	  echo "seed $$seed: make properties SEED=$$seed"; \
	  FAIRSHARE_SEED=$$seed $(BIN)/vitest run --project unit $$files || exit; \
	done

RUNS ?= 600000
.PHONY: fuzz
fuzz: setup ## millions of generated lines against every format and its reference; RUNS=N SEED=N
	$(BIN)/tsx scripts/tools/fuzz.ts --runs $(RUNS) $(if $(SEED),--seed $(SEED))

LINTS := lint-rules lint-types lint-format lint-layers lint-unused lint-licences
.PHONY: lint $(LINTS)
lint: setup ## types, lint rules, formatting, layers, dead code, licences of dependencies
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(LINTS)

# The two slowest come first, so that both cores are busy to the end.
$(LINTS): setup
lint-rules:
	$(BIN)/eslint --max-warnings 0 .
lint-types:
	$(BIN)/tsc --noEmit -p tsconfig.json
lint-format:
	$(BIN)/prettier --check --log-level warn .
lint-layers:
	$(BIN)/depcruise $(FOLDERS) bench test
lint-unused:
	$(BIN)/knip
lint-licences:
	$(BIN)/tsx scripts/tools/licences.ts

.PHONY: fmt
fmt: setup ## format and fix what tools can fix
	$(BIN)/eslint --fix .
	$(BIN)/prettier --write --log-level warn .

.PHONY: bench
bench: setup ## measure, beside rivals, with answers compared
	$(BIN)/tsx bench/run.ts

.PHONY: bench-objects
bench-objects: setup ## log objects of few and of many lines, beside the engine's own INSERT … SELECT FROM file()
	$(BIN)/tsx bench/objects.ts

.PHONY: bench-kafka
bench-kafka: setup ## a topic into the warehouse, beside the engine's own Kafka tables and kafkajs alone
	$(BIN)/tsx bench/kafka.ts

.PHONY: conformance
conformance: setup ## precision and recall of clients and classes, beside other detectors
	$(BIN)/tsx scripts/tools/conformance.ts

.PHONY: class-shares
class-shares: setup ## shares of requests and of bytes by class, on captures and a simulated month; CODE=directory of another version
	$(BIN)/tsx scripts/tools/class-shares.ts $(if $(CODE),--code $(CODE))

.PHONY: lists
lists: setup ## compare the lists of AI programs, crawlers and CI vendors with their sources; WRITE=1 writes them
	$(BIN)/tsx scripts/tools/lists/run.ts $(if $(WRITE),--write)

.PHONY: accuracy
accuracy: setup ## measure attribution in simulated worlds, and write docs/ACCURACY.md (about ten minutes)
	$(BIN)/tsx bench/accuracy/run.ts

.PHONY: bench-holes
bench-holes: setup ## measure the hole detector in simulated worlds: found, missed, false alarms; WORLDS=n FIRST=seed SHOW=1 (a minute)
	$(BIN)/tsx bench/holes/run.ts

.PHONY: bench-estimate
bench-estimate: setup ## measure the estimate of undeclared CI in simulated worlds: held, missed, silent; WORLDS=n FIRST=seed (a minute)
	$(BIN)/tsx bench/estimate/run.ts

.PHONY: scale
scale: setup ## a day of 1, 10 and 100 million landing rows: time, memory, growth; writes docs/SCALE.md; ROWS="1000000" chooses
	$(if $(ROWS),ROWS="$(ROWS)") $(BIN)/tsx bench/scale/run.ts

.PHONY: docs
docs: setup ## write docs/COVERAGE.md, docs/REFERENCE.md, docs/TABLES.md and Grafana’s dashboards from the code itself
	$(BIN)/tsx scripts/tools/docs/coverage.ts
	$(BIN)/tsx scripts/tools/docs/reference.ts
	$(BIN)/tsx scripts/tools/docs/tables.ts
	$(BIN)/tsx scripts/tools/docs/grafana.ts

.PHONY: figures
figures: setup ## hash every figure of a warehouse and its pages, to hold two versions against each other; WAREHOUSE= OUTPUT=
	@$(BIN)/tsx scripts/tools/figures.ts $(or $(WAREHOUSE),demo-output/warehouse) $(or $(OUTPUT),demo-output)

.PHONY: house
house: setup ## the size of the house: lines for each folder, long files and functions, SQL outside of .sql files
	@$(BIN)/tsx scripts/tools/house.ts

.PHONY: kernel
kernel: setup ## compile transform/scan/plain-lines.as to WebAssembly
	node scripts/tools/kernel.mjs

.PHONY: clean
clean: ## remove what was built and written here (downloads stay)
	rm -rf dist demo-output coverage bench/tmp
