//! Chance from a seed: the same run again for the same number.

use std::time::Duration;

/// Numbers that look random and are the same every time (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Below `end`, which is not zero.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        (self.number() >> 11) % end
    }

    /// True in this share of all cases, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(crate) fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && ((self.number() >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    pub(crate) fn wait(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(longest.as_micros()).expect("short") + 1))
    }
}
