# shellcheck shell=bash
# What every script shares: saying things in one line, finding or installing tools, and knowing where cargo builds.
# Sourced, never run; leaves the caller in the project's top folder.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# One short line on what happens next.
say() { printf '· %s\n' "$*"; }

# One sentence on what is missing and what to do about it; nothing runs after it.
fail() {
    printf '✗ %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# need_command COMMAND PACKAGE…: installs the packages unless the command is there.
need_command() {
    local command=$1
    shift
    has "$command" || install_packages "$@"
    has "$command" || fail "'$command' is still missing after installing $*: please install it by hand and run this again."
}

# need_packages PACKAGE…: installs those that are not installed.
need_packages() {
    local package missing=()
    has dpkg-query || fail "Please install these by hand and run this again (this is not Debian or Ubuntu): $*."
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

install_packages() {
    has apt-get || fail "Please install $* by hand and run this again: there is no apt-get on this system."
    say "Installing $* (apt-get)"
    as_root apt-get -o DPkg::Lock::Timeout=120 -qq update || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -qq install --yes --no-install-recommends "$@" \
        >/dev/null || fail "apt-get could not install $*: see its message above."
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif has sudo; then
        sudo "$@"
    else
        fail "Installing needs root and there is no sudo: run 'apt-get install' as root for what is named above, then run this again."
    fi
}

# A C compiler for the crates with C inside, and a Rust new enough for Cargo.toml.
need_rust() {
    need_command cc build-essential
    [[ -x $HOME/.cargo/bin/cargo ]] && PATH=$HOME/.cargo/bin:$PATH
    has cargo || has rustup || install_rustup
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rust_version)
    if ! at_least "$found" "$wanted" && has rustup; then
        say "Installing Rust ${wanted} (rustup)"
        rustup toolchain install stable --profile minimal --component clippy,rustfmt
        export RUSTUP_TOOLCHAIN=stable
        found=$(rust_version)
    fi
    at_least "$found" "$wanted" ||
        fail "Rust $wanted or newer is needed and this is ${found:-none} (Debian's own is too old): install rustup as its site rustup.rs says, open a new shell, and run this again."
}

install_rustup() {
    if has apt-cache && [[ -n $(apt-cache search --names-only '^rustup$') ]]; then
        install_packages rustup
    fi
}

rust_version() { rustc --version 2>/dev/null | cut -d' ' -f2 || true; }

# at_least FOUND WANTED: compares versions; an empty one is older than all.
at_least() { [[ -n $1 && $(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -n1) == "$2" ]]; }

# A Node new enough for web/package.json; an older system's npm can fetch a newer one into .tools, for this project alone.
need_node() {
    local wanted found
    if ! has node || ! has npm; then install_packages nodejs npm; fi
    wanted=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' web/package.json | head -n1)
    [[ -n $wanted ]] || fail "web/package.json does not say which Node it needs: this checkout is not complete."
    [[ -x .tools/node_modules/.bin/node ]] && PATH=$PWD/.tools/node_modules/.bin:$PATH
    found=$(node_version)
    if ! at_least "$found" "$wanted"; then
        say "Installing a newer Node than $found into .tools (npm)"
        mkdir -p .tools
        npm --prefix .tools install --no-audit --no-fund --no-update-notifier --loglevel=error node@22 >/dev/null
        PATH=$PWD/.tools/node_modules/.bin:$PATH
        hash -r
        found=$(node_version)
    fi
    at_least "$found" "$wanted" || fail "Node $wanted or newer is needed to build the pages and this is $found: install a newer one and run this again."
}

node_version() { node --version | tr -d v; }

# npm_install FOLDER: `npm ci`, only when the lock file is not the one that was installed last.
npm_install() {
    local lock=$1/package-lock.json installed=$1/node_modules/.installed-lock
    [[ -f $lock ]] || fail "$lock is missing: this checkout is not complete."
    cmp --silent "$lock" "$installed" && return
    say "Installing what $1 needs (npm ci)"
    npm --prefix "$1" ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
    mkdir -p "$1/node_modules"
    cp "$lock" "$installed"
}

# Where cargo puts what it builds, whoever decided that.
target_dir() {
    cargo metadata --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}
