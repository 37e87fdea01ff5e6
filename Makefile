# The front door. Each target brings what it needs (tools/bootstrap.sh), so a fresh checkout needs only Python 3.11 and make.

SHELL := /bin/bash
VENV := .venv
# A service is six processes: each would compile all of its modules anew at every start.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test check bench screenshots clean

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/\t/' | expand -t 14

run: ## the whole service with a simulated center and two dozen simulated points; prints the links
	@tools/bootstrap.sh run
	@exec diemcau demo $(ARGS)

test: ## everything the tests need, the checks of style and types, then every test, browsers included
	@tools/bootstrap.sh test
	@tools/check.sh
	@exec tools/test.sh $(ARGS)

check: ## style and types only
	@tools/bootstrap.sh test
	@tools/check.sh

bench: ## the fan-out beside its floor, the joins, the memory: one table and bench.json
	@tools/bootstrap.sh bench
	@exec python -m tests.bench $(ARGS)

screenshots: ## draws docs/images anew from the real pages
	@tools/bootstrap.sh test
	@exec python -m tools.screenshots $(ARGS)

clean: ## removes what was installed and what runs left behind, the data of the demo too
	@rm -rf $(VENV) node_modules build dist *.egg-info diemcau-data test-results bench.json
