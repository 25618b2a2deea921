//! How fast bytes flow: a figure that follows within a second.

use std::time::Duration;

use crate::base::time::Time;

const WINDOW: Duration = Duration::from_millis(500);

/// Bits per second over the last half to one second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    started: Time,
    bytes: u64,
    last_bps: u64,
    steady_bps: Option<u64>,
}

impl Rate {
    /// Notes bytes that flowed at `now`.
    pub(super) fn note(&mut self, now: Time, bytes: usize) {
        self.roll(now);
        self.bytes += bytes as u64;
    }

    /// Notes bytes that flowed since the last time, until `now`: they belong to the time that has passed.
    pub(super) fn note_past(&mut self, now: Time, bytes: usize) {
        self.bytes += bytes as u64;
        self.roll(now);
    }

    /// The rate at `now`.
    pub(super) fn bps(&mut self, now: Time) -> u64 {
        self.roll(now);
        self.last_bps
    }

    /// The rate over the last few seconds, in which a keyframe is no peak; `None` before the first half second.
    pub(super) fn steady_bps(&mut self, now: Time) -> Option<u64> {
        self.roll(now);
        self.steady_bps
    }

    fn roll(&mut self, now: Time) {
        let age = now.since(self.started);
        if age < WINDOW {
            return;
        }
        let micros = u64::try_from(age.as_micros()).unwrap_or(u64::MAX).max(1);
        let flows = age < WINDOW * 8;
        self.last_bps = if flows { self.bytes * 8_000_000 / micros } else { 0 };
        let steady = self.steady_bps.map_or(self.last_bps, |before| (before * 7 + self.last_bps) / 8);
        self.steady_bps = flows.then_some(steady);
        self.started = now;
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_flow_reads_as_its_rate_and_silence_as_nothing() {
        let (mut rate, start) = (Rate::default(), Time::from_micros(10_000_000));
        for n in 0..200 {
            rate.note(start + Duration::from_millis(10 * n), 1250);
        }
        let after = start + Duration::from_millis(2_000);
        assert!((950_000..=1_050_000).contains(&rate.bps(after)), "{rate:?}");
        assert_eq!(rate.bps(after + Duration::from_secs(10)), 0);
    }

    #[test]
    fn what_is_told_now_and_then_reads_as_it_flowed() {
        let (mut rate, start) = (Rate::default(), Time::from_micros(10_000_000));
        let mut told = |n: u64, bytes| {
            let now = start + Duration::from_millis(250 * n);
            rate.note_past(now, bytes);
            rate.bps(now)
        };
        (1..8).for_each(|n| _ = told(n, 31_250));
        assert_eq!(told(8, 31_250), 1_000_000);
        (9..11).for_each(|n| _ = told(n, 0));
        assert_eq!(told(11, 0), 0, "nothing of it is left a window later");
    }
}
