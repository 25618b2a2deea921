//! Time as a number that is handed in, never read here.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment: microseconds since 1970-01-01 UTC on a clock that never steps back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// Later than every moment that is ever handed in.
    pub const NEVER: Self = Self(u64::MAX);

    /// From microseconds since 1970.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }

    /// How long ago `earlier` was; zero if it is not earlier.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// As an NTP timestamp: seconds since 1900 in 32.32 fixed point (RFC 5905 §6).
    pub const fn ntp(self) -> u64 {
        const SECONDS_1900_TO_1970: u64 = 2_208_988_800;
        let seconds = self.0 / 1_000_000 + SECONDS_1900_TO_1970;
        let fraction = ((self.0 % 1_000_000) << 32) / 1_000_000;
        (seconds << 32) | fraction
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    fn sub(self, ago: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(ago.as_micros()).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_counts_from_1900_in_fixed_point() {
        let half_past = Time::from_micros(1_500_000);
        assert_eq!(half_past.ntp(), (2_208_988_801 << 32) | (1 << 31));
    }
}
