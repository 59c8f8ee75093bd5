#!/bin/sh
# Lets scanners that nobody here wrote look at the code and at a running server: `make audit` calls it.
#
# The server is a filled one, on loopback, that reaches no network. Wapiti and sqlmap come from PyPI
# into an environment that goes away afterwards. The reports stay in the folder that is told at the end.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
bin=.venv/bin
reports=$(mktemp -d)
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
failed=0

scan() { # NAME COMMAND...: one line for each scanner; what it said goes to a report
    name=$1
    shift
    begun=$(date +%s)
    if "$@" >"$reports/$name.txt" 2>&1; then verdict="nothing found"; else verdict="LOOK AT IT" failed=1; fi
    told=$(tail -n 1 "$reports/$name.txt" | tr -d '=' | cut -c 1-110)
    printf '%-13s %-13s %4s s  %s\n' "$name" "$verdict" "$(($(date +%s) - begun))" "$told"
}

"$bin/python" -m venv "$tools/env"
"$bin/uv" pip install --quiet --python "$tools/env/bin/python" wapiti3 sqlmap

scan bandit "$bin/bandit" -q -c scripts/bandit.yaml -r src
scan schemathesis "$bin/python" -m tests.attacks.scan schemathesis --phases coverage,fuzzing --max-examples 20
scan strangers "$bin/python" -m tests.attacks.scan strangers --phases coverage,fuzzing --max-examples 5
scan wapiti "$bin/python" -m tests.attacks.scan wapiti "$tools/env/bin/wapiti"
scan sqlmap "$bin/python" -m tests.attacks.scan sqlmap "$tools/env/bin/sqlmap"

printf 'The reports are in %s\n' "$reports"
exit "$failed"
