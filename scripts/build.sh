#!/usr/bin/env bash
# Builds the pages, then the server with the pages inside; does nothing that is already done.
# ROBOTS=1 builds the software teacher too. Prints nothing but one line per step that has work.
source "$(dirname "$0")/common.sh"

main() {
    need_rust
    need_node
    build_pages
    build_server
}

build_pages() {
    local built=web/node_modules/.built
    npm_install web
    if [[ -d web/dist && -f $built && -z $(find web \( -path web/node_modules -o -path web/dist \) -prune -o -newer "$built" -print -quit) ]]; then
        return
    fi
    say "Building the pages"
    npm --prefix web run --silent build
    touch "$built"
}

build_server() {
    local features=()
    [[ ${ROBOTS:-0} == 1 ]] && features=(--features robot)
    say "Building the server (minutes the first time, nothing when nothing changed)"
    cargo build --release --locked --quiet "${features[@]}"
}

main
