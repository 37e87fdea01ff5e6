#!/usr/bin/env bash
# Style and types of everything, in the order in which they fail fastest. Called by make, after tools/bootstrap.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
    printf '== %s\n' "$*"
    "$@"
}

step ruff check .
step ruff format --check --quiet .
step mypy .
step npm run --silent check
step node --test --test-reporter=dot tests/web/
