# Sets up what is missing, for `run` and `test`, which source it. It sets $python (in .venv).
# shellcheck shell=sh
#
# Standard output belongs to the program, so everything here speaks on standard error; standard
# input belongs to the program too. When nothing has changed, this compares one checksum and is done.

venv=${here:?is set by the caller}/.venv
python=$venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# The folder's own name is part of the stamp: an environment that was moved with its folder is made anew.
# Of the interface every source counts, so that a new one is built by the next start.
state() {
    {
        printf '%s\n' "$here" "${GATHERUM_SKIP_UI:-}"
        cat "$here/uv.lock" "$here/pyproject.toml" "$here/hatch_build.py"
        find "$here/ui" -name node_modules -prune -o -type f ! -name schema.d.ts -exec cksum {} + | LC_ALL=C sort
    } | cksum
}

is_ready() { # NAME: whether the environment is set up for `run` or `test`
    [ -x "$python" ] && [ "$(cat "$venv/ready-for-$1" 2>/dev/null)" = "$(state)" ]
}

# What some tests need beside Python: a browser, a real Mastodon-compatible server, system calls that
# fail on demand, and a second opinion on videos.
set_up_tools() {
    missing=
    for tool in chromium chromium-headless-shell snac:snac2 strace ffmpeg; do # command or command:package
        command -v "${tool%:*}" >/dev/null || missing="$missing ${tool#*:}"
    done
    [ -n "$missing" ] || return 0
    if command -v apt-get >/dev/null; then
        # shellcheck disable=SC2086  # a list of words
        need_packages $missing
    else
        say "Tests that need one of these will say so:$missing"
    fi
}

# Keeps temporary files in memory where there is room: tests commit all the time, and a disk makes each of
# them wait. The folder goes away with the calling script.
use_memory() {
    free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null)
    room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-0}" -gt 8000000 ] && [ "${room:-0}" -gt 4000000 ] && [ -w /dev/shm ] || return 0
    TMPDIR=$(mktemp -d /dev/shm/gatherum-test.XXXXXX)
    export TMPDIR
    chmod 755 "$TMPDIR" # as root, PostgreSQL runs as somebody else
    trap 'rm -rf "$TMPDIR"' EXIT
    trap 'exit 130' INT TERM
}

# On Debian and its kin root installs what is missing; anybody else is told the one command.
need_packages() { # PACKAGE...
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        say "Installing $* ..."
        install="apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends"
        # shellcheck disable=SC2086  # the words of the command
        DEBIAN_FRONTEND=noninteractive $install "$@" ||
            { apt-get -o DPkg::Lock::Timeout=300 update && DEBIAN_FRONTEND=noninteractive $install "$@"; }
    elif command -v apt-get >/dev/null; then
        say "Something is missing. Please run this first: sudo apt-get install $*"
        return 1
    else
        say "Something is missing. Please install first: $*"
        return 1
    fi
} >&2 </dev/null

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for found in python3 python3.14 python3.13 python3.12 python3.11 python; do
        is_new_enough "$found" || continue
        # Of an active environment, the Python it was made from: that outlives ours.
        found=$("$found" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
        return
    done
    return 1
}

make_environment() { # NAME: whether for `run` or `test`
    find_python || { need_packages python3 python3-venv && find_python; } ||
        { say "Gatherum needs Python 3.11 or newer."; return 1; }
    # The lock is on an open file, so that it goes away with the process, however that ends.
    exec 9>>"$here/.setup.lock"
    "$found" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    if ! is_ready "$1"; then
        say "Setting up Gatherum in $venv (once; later starts are instant) ..."
        build "$1"
    fi
    exec 9>&-
} >&2 </dev/null

build() { # NAME
    if [ -e "$venv" ] && { ! is_new_enough "$python" || [ "$(cat "$venv/made-for" 2>/dev/null)" != "$here" ]; }; then
        rm -rf "$venv"
    fi
    if ! "$venv/bin/uv" --version >/dev/null 2>&1; then
        "$found" -c 'import ensurepip, venv' 2>/dev/null || need_packages python3-venv
        "$found" -m venv "$venv"
        printf '%s' "$here" >"$venv/made-for"
        "$python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
    fi
    groups=--no-dev
    [ "$1" = run ] || groups=--dev
    [ -t 2 ] || groups="$groups --quiet"
    # --inexact: one environment serves both commands, and uv itself lives in it.
    # shellcheck disable=SC2086  # a list of options
    UV_PROJECT_ENVIRONMENT=$venv "$venv/bin/uv" sync --project "$here" --python "$python" \
        --frozen --inexact --compile-bytecode $groups
    state >"$venv/ready-for-$1"
    [ "$1" = run ] || state >"$venv/ready-for-run"
}

# Compiles our own code where it has changed. Python would do so by itself, but neither where
# PYTHONDONTWRITEBYTECODE is set nor in the sandboxed children, which may write nothing.
compile_sources() {
    # Without a stamp `find` complains, which is a reason as well.
    [ -n "$(find "$here/src" -name '*.py' -newer "$venv/compiled" -print -quit 2>&1)" ] || return 0
    [ -w "$venv" ] || return 0
    begun=$venv/compiled.$$
    : >"$begun"
    # What cannot be compiled says so when it is run.
    "$python" -m compileall -q "$here/src" >/dev/null 2>&1 </dev/null || true
    mv "$begun" "$venv/compiled"
}

set_up() {
    is_ready "$1" || make_environment "$1"
    compile_sources
}
