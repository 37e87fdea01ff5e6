#!/usr/bin/env bash
# Every test, or those of the arguments, in three runs: what needs no browser, service or network, and what needs a service but no
# browser, in two processes each; then the browsers and what judges time, one test after the other, because pictures that share two cores
# with more pictures fail for want of time, not of truth. The last line is pytest's.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly none=5 # pytest's status when nothing was selected
status=$none

run() { # run OPTIONS...: pytest; the first failure is the script's
    python -m pytest "$@"
    local result=$?
    if ((status == none || status == 0)) && ((result != none)); then status=$result; fi
}

run --numprocesses 2 -m "not (browser or service or netns or alone)" "$@"
run --numprocesses 2 --dist loadfile -m "(service or netns) and not (browser or alone)" "$@"
run -m "browser or alone" "$@"
exit $status
