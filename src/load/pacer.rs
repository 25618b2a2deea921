//! When a publisher's packets leave: as libwebrtc paces them.

/// A tick of libwebrtc's pacer (`kMaxProcessingInterval` of its task queue pacer).
pub(super) const TICK_US: u64 = 5_000;
/// A picture leaves this much faster than the rate, so that it is there before the next one (`kDefaultPaceMultiplier`).
const MULTIPLIER: f64 = 2.5;

/// What may leave in one tick; what was taken beyond it is owed to the next.
pub(super) struct Pacer {
    bytes_per_tick: f64,
    left: f64,
}

impl Pacer {
    /// For a stream of so many bits a second.
    pub(super) fn new(bps: u64) -> Self {
        let bytes_per_tick = bps as f64 / 8.0 * MULTIPLIER * TICK_US as f64 / 1e6;
        Self { bytes_per_tick, left: 0.0 }
    }

    /// A tick is over: what was not used is lost, what was owed is paid.
    pub(super) fn tick(&mut self) {
        self.left = (self.left + self.bytes_per_tick).min(self.bytes_per_tick);
    }

    /// Whether a packet of `bytes` may leave now.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let may = self.left > 0.0;
        if may {
            self.left -= bytes as f64;
        }
        may
    }
}

/// How large each picture is, so that all together have the rate.
pub(super) struct Sizes {
    bytes_per_frame: f64,
    key_times: f64,
    /// Bytes that were promised and not sent yet; negative after a key frame that nobody planned.
    owed: f64,
}

impl Sizes {
    /// `bps` at `fps` pictures a second, of which each key frame is `key_times` as large as the others, every `key_every`
    /// pictures.
    pub(super) fn new(bps: u64, fps: u32, key_every: u32, key_times: f64) -> Self {
        let group_bytes = bps as f64 / 8.0 / f64::from(fps) * f64::from(key_every);
        Self { bytes_per_frame: group_bytes / (f64::from(key_every) - 1.0 + key_times), key_times, owed: 0.0 }
    }

    /// How many bytes the next picture should have.
    pub(super) fn next(&mut self, key: bool) -> usize {
        self.owed += self.bytes_per_frame * if key { self.key_times } else { 1.0 };
        self.owed.max(0.0).round() as usize
    }

    /// How many it had.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.owed -= bytes as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_leaves_at_two_and_a_half_times_the_rate() {
        // 2 Mbit/s are 1,250 bytes a tick, 3,125 with the factor.
        let mut pacer = Pacer::new(2_000_000);
        assert!(!pacer.take(1_000), "nothing before the first tick");
        let mut sent = 0;
        for _ in 0..200 {
            pacer.tick();
            while pacer.take(1_000) {
                sent += 1_000;
            }
        }
        assert!((620_000..=628_000).contains(&sent), "{sent} bytes in a second");
    }

    #[test]
    fn a_pause_is_no_credit() {
        let mut pacer = Pacer::new(2_000_000);
        (0..100).for_each(|_| pacer.tick());
        let mut packets = 0;
        while pacer.take(1_000) {
            packets += 1;
        }
        assert_eq!(packets, 4);
    }

    #[test]
    fn pictures_have_the_rate_and_a_keyframe_its_multiple() {
        let mut sizes = Sizes::new(1_500_000, 30, 60, 5.0);
        let mut all = 0;
        let mut of = |key| {
            let bytes = sizes.next(key);
            sizes.sent(bytes);
            all += bytes;
            bytes
        };
        let (key, other) = (of(true), of(false));
        assert!((4.9..=5.1).contains(&(key as f64 / other as f64)), "{key} and {other}");
        (2..600).for_each(|n| _ = of(n % 60 == 0));
        assert!(all.abs_diff(1_500_000 / 8 * 20) < 10, "{all} bytes in 20 s");
    }

    #[test]
    fn what_a_picture_had_too_much_the_next_ones_have_less() {
        let mut sizes = Sizes::new(240_000, 30, 300, 1.0);
        assert_eq!(sizes.next(false), 1_000);
        sizes.sent(1_700);
        assert_eq!(sizes.next(false), 300);
        sizes.sent(300);
        assert_eq!(sizes.next(false), 1_000);
    }
}
