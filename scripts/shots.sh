#!/usr/bin/env bash
# `make shots`: takes a picture of every page in every state, into tests/browser/shots.
source "$(dirname "$0")/common.sh"

need_command chromium chromium
need_packages fonts-noto-cjk
scripts/build.sh
npm_install tests/browser
TONGKE=$(target_dir)/release/tongke node tests/browser/shots.mjs
say "The pictures are in tests/browser/shots"
