#!/usr/bin/env bash
# Puts in place what a target of the Makefile needs, and nothing twice.
#
#   tools/bootstrap.sh run     .venv with the service, node_modules with the pages' libraries
#   tools/bootstrap.sh bench   the same, the test tools of Python, a C compiler with the headers of OpenSSL and Python, Chromium
#   tools/bootstrap.sh test    the same, and the test tools of Debian: both browsers, ip and tc, a WHIP client with its GStreamer plugins
#
# The native core (sfu/_native) is built wherever a compiler and the headers are there; run never asks for them, and without them the
# reference in Python serves.
#
# Debian packages are installed only when what they bring is missing, with root or sudo; without either the
# command to give an administrator is printed and nothing is changed. What was installed is remembered in .venv
# as a hash of the files that asked for it, so that a second call costs a few milliseconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly profile="${1:-run}"
readonly venv=.venv
case "$profile" in
run | bench | test) ;;
*)
    echo "usage: tools/bootstrap.sh run|bench|test" >&2
    exit 2
    ;;
esac

say() { printf '\033[2m· %s\033[0m\n' "$*" >&2; }
die() {
    printf '%s\n' "$@" >&2
    exit 1
}

# ---- Debian packages -------------------------------------------------------------------------------------------

missing=()
need() { # need PACKAGE COMMAND...: remembers PACKAGE when COMMAND fails
    local package="$1"
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

find_python() { # prints the Python to build .venv with: 3.11 or newer
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3 python3.12 python3.13; do
        if [[ -n "$candidate" ]] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

node_is_there() { node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'; }
valkey_is_there() { [[ "$(uname -m)" == x86_64 ]] || command -v valkey-server || command -v redis-server; }
gstreamer_has() { # gstreamer_has PLUGIN: its library lies where Debian puts plugins (gst-inspect is not always installed)
    compgen -G "/usr/lib/*/gstreamer-1.0/libgst$1.so"
}

python_of_venv() { # the Python that extensions are built for: that of .venv where there is one
    if [[ -x "$venv/bin/python" ]]; then echo "$venv/bin/python"; else find_python; fi
}
has_python_headers() {
    "$(python_of_venv)" -c 'import os, sysconfig; raise SystemExit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}
python_headers() { # the package that has them: python3.12-dev for a Python 3.12
    "$(python_of_venv)" -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])' 2>/dev/null || echo python3-dev
}
can_build() {
    command -v cc && test -e /usr/include/stdio.h && test -e /usr/include/openssl/evp.h && has_python_headers
} >/dev/null 2>&1

install_packages() {
    ((${#missing[@]})) || return 0
    local command="apt-get install -y --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || die "Cần cài / please install: ${missing[*]}"
    local root=()
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            root=(sudo)
        else
            die "Thiếu các gói sau; hãy nhờ quản trị viên chạy / these packages are missing; ask an administrator to run:" \
                "" "    apt-get update && $command" ""
        fi
    fi
    say "installing Debian packages: ${missing[*]}"
    local log
    log="$(mktemp)"
    if ! { "${root[@]}" apt-get update && DEBIAN_FRONTEND=noninteractive "${root[@]}" env DEBIAN_FRONTEND=noninteractive $command; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "apt-get failed; the whole output is in $log"
    fi
    rm -f "$log"
}

python="$(find_python)"
[[ -n "$python" ]] || missing+=(python3)
[[ -x "$venv/bin/python" ]] || need python3-venv "${python:-python3}" -c 'import ensurepip, venv'
need nodejs node_is_there
need npm command -v npm
valkey_is_there >/dev/null || missing+=(redis-server)
if [[ "$profile" != run ]]; then
    need gcc command -v cc
    need libc6-dev test -e /usr/include/stdio.h
    need libssl-dev test -e /usr/include/openssl/evp.h
    need "$(python_headers)" has_python_headers
    need chromium command -v chromium
fi
if [[ "$profile" == test ]]; then
    need git command -v git
    need ffmpeg command -v ffprobe
    need firefox-esr command -v firefox-esr
    need nftables bash -c 'PATH="$PATH:/usr/sbin:/sbin"; command -v nft'
    need iproute2 bash -c 'PATH="$PATH:/usr/sbin:/sbin"; command -v ip && command -v tc'
    need poppler-utils command -v pdftotext
    need simple-whip-client command -v whip-client
    need gstreamer1.0-plugins-base gstreamer_has videotestsrc
    need gstreamer1.0-plugins-good gstreamer_has vpx
    need gstreamer1.0-plugins-bad gstreamer_has webrtc
    need gstreamer1.0-nice gstreamer_has nice
fi
install_packages
python="${python:-$(find_python)}"
[[ -n "$python" ]] || die "Cần Python 3.11 trở lên / Python 3.11 or newer is needed"

# ---- Python packages -------------------------------------------------------------------------------------------

case "$profile" in
run) extras="" ;;
*) extras="[dev]" ;;
esac

stamp_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

if [[ ! -x "$venv/bin/python" ]]; then
    say "creating $venv with $("$python" --version)"
    "$python" -m venv "$venv"
fi
stamp_file="$venv/.stamp-python${extras:+-dev}"
[[ -e "$venv/.stamp-python-dev" ]] && stamp_file="$venv/.stamp-python-dev" extras="[dev]" # never fewer than before
native=reference
if can_build; then native=native; fi # a compiler that came later is a reason to install again
stamp="$(stamp_of pyproject.toml constraints.txt setup.py sfu/_native/*.[ch])-$native"
if [[ "$(cat "$stamp_file" 2>/dev/null || true)" != "$stamp" ]]; then
    say "installing the Python packages of constraints.txt"
    # The variable, not -c alone: pip gives it to the isolated builds too, and so pins setuptools as well.
    PIP_CONSTRAINT="$PWD/constraints.txt" PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$venv/bin/python" -m pip install --quiet --no-warn-script-location --editable ".$extras"
    echo "$stamp" >"$stamp_file"
fi

# Once, and not by each of the processes of a service at its first start.
PYTHONDONTWRITEBYTECODE= "$venv/bin/python" -m compileall -q -j 0 bridge cli config recorder sfu signaling stills

# ---- the pages' libraries --------------------------------------------------------------------------------------

case "$profile" in
test) node_stamp_file="$venv/.stamp-node-dev" omit=() ;;
*) node_stamp_file="$venv/.stamp-node" omit=(--omit=dev) ;;
esac
node_stamp="$(stamp_of package.json package-lock.json)"
# The whole set holds the small one: a run after a test does not take the compiler away again.
if [[ "$(cat "$venv/.stamp-node-dev" "$node_stamp_file" 2>/dev/null | sort -u)" != "$node_stamp" || ! -d node_modules ]]; then
    say "installing the pages' libraries of package-lock.json"
    npm ci --silent "${omit[@]}"
    rm -f "$venv"/.stamp-node*
    echo "$node_stamp" >"$node_stamp_file"
fi
