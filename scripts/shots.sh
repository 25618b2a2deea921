#!/usr/bin/env bash
# `make shots`: opens every page in every state, checks what must hold there, and leaves pictures in web/dev/shots.
# An argument chooses states by a part of their name: `scripts/shots.sh stage`.
source "$(dirname "$0")/common.sh"

need_node
need_command chromium chromium
need_packages fonts-noto-cjk
npm_install web
npm --prefix web run --silent build
node web/dev/shots.mjs "$@"
say "The pictures are in web/dev/shots"
