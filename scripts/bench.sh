#!/usr/bin/env bash
# `make bench`: runs every bench in release mode, one after the other so that none disturbs another, and keeps what they say
# in one table (bench.txt in cargo's target folder). Arguments go to cargo: `scripts/bench.sh --bench send`.
source "$(dirname "$0")/common.sh"

need_rust
table=$(target_dir)/bench.txt
say "Building the benches"
cargo bench --locked --no-run --quiet "$@"
say "Running them; leave the machine alone meanwhile"
{
    printf '%s, %s cores, Linux %s\n' "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n1)" "$(nproc)" "$(uname -r)"
    for bench in forward send threads; do
        [[ $* == *--bench* && $* != *--bench\ "$bench"* ]] && continue
        printf '\n%s\n' "$bench"
        cargo bench --locked --quiet --bench "$bench"
    done
} | tee "$table"
say "Kept in $table"
