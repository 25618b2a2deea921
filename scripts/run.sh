#!/usr/bin/env bash
# `make run`: sets everything up, builds, and starts Tongke with its demo school; Ctrl-C stops it.
# ROBOTS=1 starts a software teacher beside it. DATA_DIR is where everything is kept (./data by default).
source "$(dirname "$0")/common.sh"

DATA_DIR=${DATA_DIR:-data}

main() {
    if [[ ${ROBOTS:-0} == 1 ]]; then
        need_command ffmpeg ffmpeg
        need_packages fonts-noto-cjk
    fi
    scripts/build.sh
    [[ $(uname -s) == Linux ]] || fail "The server runs on Linux only."
    need_rust
    TONGKE=$(target_dir)/release/tongke
    say "Starting the server"
    if [[ ${ROBOTS:-0} == 1 ]]; then
        serve_with_robot
    else
        exec "$TONGKE" serve --demo --data-dir "$DATA_DIR"
    fi
}

serve_with_robot() {
    SERVER='' ROBOT='' LINKS=$(mktemp --directory)
    trap stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$TONGKE" serve --demo --data-dir "$DATA_DIR" --links-json "$LINKS/links.json" &
    SERVER=$!
    # The links are written once the doors are open.
    until [[ -s $LINKS/links.json ]]; do
        kill -0 "$SERVER" 2>/dev/null || { wait "$SERVER"; exit; }
        sleep 0.1
    done
    local link
    link=$(grep -o 'https\?://[^"]*/teach?key=[^"]*' "$LINKS/links.json" | sort | head -n1)
    [[ -n $link ]] || fail "The server named no teacher's link for the robot to use."
    say "Starting the software teacher"
    "$TONGKE" robot --url "${link%%/teach*}" --key "${link##*key=}" &
    ROBOT=$!
    wait -n "$SERVER" "$ROBOT"
}

# Ends the two processes started above and nothing else, and waits until both are gone.
stop() {
    local pid
    for pid in $ROBOT $SERVER; do kill "$pid" 2>/dev/null || true; done
    for pid in $ROBOT $SERVER; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$LINKS"
}

main
