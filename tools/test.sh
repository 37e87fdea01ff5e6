#!/usr/bin/env bash
# Every test, or those of the arguments: first what needs no browser, service or network, in two processes; then what does, one
# after the other, because media that share two cores with more media fail for want of time, not of truth. The last line is pytest's.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly real="browser or service or netns"
readonly none=5 # pytest's status when nothing was selected

python -m pytest --numprocesses 2 -m "not ($real)" "$@"
plain=$?
python -m pytest -m "$real" "$@"
whole=$?
if ((plain == none && whole == none)); then exit $none; fi
((plain == 0 || plain == none)) || exit $plain
((whole == 0 || whole == none)) || exit $whole
