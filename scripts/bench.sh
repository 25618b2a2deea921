#!/usr/bin/env bash
# `make bench`: runs every bench in release mode, one after the other so that none disturbs another.
source "$(dirname "$0")/common.sh"

need_rust
say "Building and running the benches; leave the machine alone meanwhile"
cargo bench --locked "$@"
