//! What was counted in a stretch of time, by one thread or by all together.

use hdrhistogram::Histogram;

/// Ten minutes; whatever is slower counts as that.
const SLOWEST_US: u64 = 600_000_000;

/// How long things took, in microseconds, to three digits.
pub(super) struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, SLOWEST_US, 3).expect("three digits within good bounds"))
    }
}

/// Percentiles in milliseconds; zero if there was nothing to measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub(super) struct Percentiles {
    pub(super) count: u64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) p999_ms: f64,
    pub(super) max_ms: f64,
}

impl Times {
    pub(super) fn note_ns(&mut self, ns: u64) {
        self.0.saturating_record((ns / 1_000).clamp(1, SLOWEST_US));
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    pub(super) fn percentiles(&self) -> Percentiles {
        if self.0.is_empty() {
            return Percentiles::default();
        }
        let ms = |us: u64| us as f64 / 1_000.0;
        let at = |quantile| ms(self.0.value_at_quantile(quantile));
        Percentiles {
            count: self.0.len(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: ms(self.0.max()),
        }
    }
}

/// All that is counted.
#[derive(Default)]
pub(super) struct Tally {
    /// Media packets that came, repairs included.
    pub(super) packets: u64,
    /// Bytes of them, as UDP carries them.
    pub(super) bytes: u64,
    /// Packets that should have come, by their sequence numbers.
    pub(super) expected: u64,
    /// Of these, the ones that came.
    pub(super) received: u64,
    /// Of the others, the ones that were asked for and came again.
    pub(super) repaired: u64,
    /// Packets that had been there before.
    pub(super) duplicates: u64,
    /// Packets that could not be opened, were not for whom they went to, or were not the ones they should have been.
    pub(super) wrong: u64,
    /// Packets of which it was not known when they left.
    pub(super) unmatched: u64,
    /// Datagrams that a socket of ours had no room for.
    pub(super) dropped: u64,
    /// Datagrams that the kernel did not take from us.
    pub(super) unsent: u64,
    /// Watchers that are up and of which a slot got nothing at all; the most at one time.
    pub(super) silent: u64,
    /// Watchers whose transport failed after they had joined.
    pub(super) gone: u64,
    /// From a publisher's socket to a watcher's: every packet.
    pub(super) latency: Times,
    /// Of these, the ones that end a picture.
    pub(super) pictures: Times,
    /// Of these, the sound.
    pub(super) sound: Times,
    /// How long packets then waited for our own thread.
    pub(super) lag: Times,
    /// From the first request by HTTP to the keys.
    pub(super) joining: Times,
    /// From the first request by HTTP to the first packet of every slot.
    pub(super) hearing: Times,
}

impl Tally {
    /// Adds what was counted elsewhere at the same time.
    pub(super) fn add_beside(&mut self, other: &Self) {
        let silent = self.silent + other.silent;
        self.add(other);
        self.silent = silent;
    }

    /// Adds what was counted later.
    pub(super) fn add(&mut self, other: &Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.expected += other.expected;
        self.received += other.received;
        self.repaired += other.repaired;
        self.duplicates += other.duplicates;
        self.wrong += other.wrong;
        self.unmatched += other.unmatched;
        self.dropped += other.dropped;
        self.unsent += other.unsent;
        self.silent = self.silent.max(other.silent);
        self.gone += other.gone;
        self.latency.add(&other.latency);
        self.pictures.add(&other.pictures);
        self.sound.add(&other.sound);
        self.lag.add(&other.lag);
        self.joining.add(&other.joining);
        self.hearing.add(&other.hearing);
    }

    /// Per cent of the packets that should have come.
    pub(super) fn loss_percent(&self) -> f64 {
        percent(self.expected.saturating_sub(self.received), self.expected)
    }

    /// How long it took until a picture could be shown, or a sound heard.
    pub(super) fn useful(&self) -> Times {
        let mut useful = Times::default();
        useful.add(&self.pictures);
        useful.add(&self.sound);
        useful
    }
}

pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_three_digits() {
        let mut times = Times::default();
        assert_eq!(times.percentiles(), Percentiles::default());
        (1..=10_000).for_each(|n| times.note_ns(n * 10_000));
        let found = times.percentiles();
        for (found, right) in [(found.p50_ms, 50.0), (found.p99_ms, 99.0), (found.p999_ms, 99.9), (found.max_ms, 100.0)]
        {
            assert!((found - right).abs() / right < 0.001, "{found} for {right}");
        }
        times.note_ns(u64::MAX);
        assert_eq!(times.percentiles().count, 10_001, "nothing is too slow to count");
    }

    #[test]
    fn what_is_added_counts_together() {
        let mut one = Tally { expected: 10_000, received: 10_000, silent: 2, ..Tally::default() };
        let mut other = Tally { expected: 10_000, received: 9_998, silent: 1, ..Tally::default() };
        other.sound.note_ns(3_000_000);
        other.pictures.note_ns(1_000_000);
        one.add(&other);
        assert!((one.loss_percent() - 0.01).abs() < 1e-9);
        assert_eq!((one.silent, one.useful().percentiles().count), (2, 2), "the same watchers again");
        one.add_beside(&other);
        assert_eq!(one.silent, 3, "other watchers");
        assert!(percent(1, 0).abs() < f64::EPSILON);
    }
}
