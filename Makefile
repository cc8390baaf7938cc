# `make` or `make help` lists what there is. Recipes longer than a line or two live in scripts/.

PYTHON ?= python3
ENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test bench format assets screenshots messages lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Settings: HOST (127.0.0.1), PORT (8000), PORTAL_DATA_DIR (./data); all others: docker/env.example"

run: ## Set up what is missing and serve the portal on http://HOST:PORT
	@exec $(PYTHON) scripts/run.py

test: ## Run everything that CI runs (make test ONLY=pytest, or K=stop, for less)
	@exec $(PYTHON) scripts/test.py $(ONLY) $(if $(K),-k "$(K)")

bench: ## Run all benchmarks; each prints one JSON line a figure
	@exec $(PYTHON) scripts/bench.py

format: ## Format the Python code and mend what ruff can mend
	@$(PYTHON) scripts/prepare.py --tests
	@$(ENV)/ruff check --fix . && $(ENV)/ruff format .

assets: ## Install what is missing and build the front end's libraries and icons
	@exec $(PYTHON) scripts/prepare.py

screenshots: ## Take the documentation's pictures anew (wants chromium)
	@$(PYTHON) scripts/prepare.py --tests
	@exec $(ENV)/python scripts/screenshots.py

messages: ## Bring the catalogues of translations up to date (L=xx for one; wants GNU gettext)
	@exec $(PYTHON) scripts/messages.py $(L)

lock: ## Resolve requirements*.in into the locks (make lock UPGRADE=1 for newer versions)
	@exec $(PYTHON) scripts/lock.py $(if $(UPGRADE),--upgrade)

clean: ## Remove what the set-up made; ./data stays
	rm -rf .venv node_modules static/vendor static/icons/icons.svg staticfiles .cache
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
