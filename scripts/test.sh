#!/usr/bin/env bash
# `make test`: everything that has to hold before a change is done, in one list.
# All steps run even if one fails; the summary names each. Nothing is skipped: a missing folder is a failure.
source "$(dirname "$0")/common.sh"

main() {
    set_up
    step "Rust is formatted"               cargo fmt --check
    step "Pure layers build alone"         cargo check --locked --no-default-features --lib
    step "Scripts are clean"               shellcheck scripts/*.sh .ci/run
    step "Pages: what they need"           npm_install web
    step "Pages: unit tests"               npm --prefix web run --silent test
    step "Pages: types and build"          npm --prefix web run --silent build
    step "Clippy"                          cargo clippy --locked --all-targets --features robot -- -D warnings
    step "Rust tests and house rules"      cargo test --locked --features robot --no-fail-fast
    step "Release build"                   cargo build --locked --release --features robot
    step "Shipped configurations are good" check_configs
    step "Deploy files are good"           scripts/check-deploy.sh "$(target_dir)/release/tongke"
    step "Browsers: what they need"        npm_install tests/browser
    step "Browsers"                        browser_tests
    step "Native clients: what they need"  python_install
    step "Native clients"                  .venv/bin/python -m pytest -q tests/clients
    summary
}

set_up() {
    need_rust
    need_node
    need_command shellcheck shellcheck
    need_command promtool prometheus
    need_command systemd-analyze systemd
    need_command chromium chromium
    need_command ffmpeg ffmpeg
    need_command ip iproute2
    need_command python3 python3
    need_packages fonts-noto-cjk postgresql python3-venv
}

check_configs() {
    local said file
    compgen -G 'config/*.toml' >/dev/null || { echo "config/ holds no .toml file"; return 1; }
    said=$("$(target_dir)/release/tongke" check-config config/*.toml) || { echo "$said"; return 1; }
    for file in config/*.toml; do
        grep -qxF "$file: ok" <<<"$said" || { echo "$file was not checked"; return 1; }
    done
}

browser_tests() {
    compgen -G 'tests/browser/*.test.mjs' >/dev/null || { echo "tests/browser holds no test"; return 1; }
    TONGKE=$(target_dir)/release/tongke node --test --test-concurrency=1 tests/browser/*.test.mjs
}

# A virtual environment of our own, made again only when the list of what it holds changes.
python_install() {
    local wanted=tests/clients/requirements.txt installed=.venv/.installed-requirements
    [[ -f $wanted ]] || { echo "$wanted is missing"; return 1; }
    cmp --silent "$wanted" "$installed" && return
    rm -rf .venv
    python3 -m venv .venv || return 1
    .venv/bin/pip install --quiet --requirement "$wanted" || return 1
    cp "$wanted" "$installed"
}

RESULTS=()
FAILED=0

# step NAME COMMAND…: a heading, the command, and a line for the summary. A failure does not stop what follows.
step() {
    local name=$1 began=$SECONDS mark=✓ status
    shift
    printf '\n── %s ──\n' "$name"
    # In a shell of its own and not as a condition, so that `set -e` holds inside functions too.
    set +e
    (set -e; "$@")
    status=$?
    set -e
    ((status == 0)) || { mark=✗; FAILED=1; }
    RESULTS+=("$(printf '%s %5d s  %s' "$mark" "$((SECONDS - began))" "$name")")
}

summary() {
    printf '\n── Summary (%d s) ──\n' "$SECONDS"
    printf '%s\n' "${RESULTS[@]}"
    exit "$FAILED"
}

main
