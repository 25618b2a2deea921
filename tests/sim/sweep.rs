//! Thousands of school days by chance. `SIM_SEED=n` plays one again; `SIM_SEEDS=n` plays that many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::oracle::judge;
use crate::script::play;

const SEEDS: u64 = 4_000;

#[test]
fn whatever_happens_in_a_school_day_the_oracle_finds_no_fault() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    if let Some(seed) = number("SIM_SEED") {
        return judge(play(seed));
    }
    let (next, failed, end) = (AtomicU64::new(0), Mutex::new(Vec::new()), number("SIM_SEEDS").unwrap_or(SEEDS));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    if catch_unwind(AssertUnwindSafe(|| judge(play(seed)))).is_err() {
                        failed.lock().expect("nobody panics with it").push(seed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("nobody panics with it");
    assert!(failed.is_empty(), "{} of {end} days failed: SIM_SEED={}", failed.len(), failed[0]);
}
