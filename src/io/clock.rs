//! The only place that reads a clock.
#![allow(clippy::disallowed_methods)]

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::base::time::Time;

/// The wall clock is read once; from then on only the monotonic clock counts, so time never steps back.
static START: LazyLock<(Instant, u64)> = LazyLock::new(|| {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (Instant::now(), u64::try_from(since_1970.as_micros()).unwrap_or(0))
});

/// The time now.
pub fn now() -> Time {
    let (start, micros) = *START;
    Time::from_micros(micros) + start.elapsed()
}

/// The wall clock as the kernel stamps datagrams with it: nanoseconds since 1970. For differences of milliseconds, which
/// its corrections do not change.
pub fn wall_ns() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}

/// The monotonic clock as the standard library has it, for libraries that ask for one.
pub fn instant() -> Instant {
    Instant::now()
}
