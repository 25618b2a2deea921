#!/usr/bin/env bash
# `make fuzz`: runs every fuzz target for FUZZ_S seconds (20 by default). `make test` replays the same bodies without a fuzzer.
source "$(dirname "$0")/common.sh"

need_rust
[[ -d fuzz ]] || fail "The folder fuzz/ is missing."
has rustup || fail "Fuzzing needs rustup for a nightly compiler: install rustup and run this again."
rustup toolchain list | grep -q '^nightly' || rustup toolchain install nightly --profile minimal
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
for target in $(cargo +nightly fuzz list); do
    say "Fuzzing $target for ${FUZZ_S:-20} s"
    cargo +nightly fuzz run "$target" --features server -- -max_total_time="${FUZZ_S:-20}"
done
